using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Hostile.Pack;

namespace ExperimentHub.Hostile.Cases;

/// <summary>Tokenizer files: loaded, and made to encode.</summary>
internal static class TokenizerCases
{
    public static CaseAnswer Run(HostileCase hostile, Workplace place)
    {
        var tokenizer = Tokenizer.Load(place.Input);
        var answer = CaseAnswer.Accepted([.. tokenizer.Warnings.Select(w => w.Message)]);
        if (hostile.TextToEncode() is not { } text)
        {
            return answer;
        }

        var ids = tokenizer.Encode(text).Ids;
        return answer.With("count", ids.Length).With("ids", ids.Length <= 1000 ? ids : []);
    }
}
