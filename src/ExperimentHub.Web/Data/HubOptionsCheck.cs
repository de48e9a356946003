using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Data;

/// <summary>Checks the settings of the hub at its start, those of its parts included, and names each by the name that a person sets it with.</summary>
internal sealed class HubOptionsCheck : IValidateOptions<HubOptions>
{
    public ValidateOptionsResult Validate(string? name, HubOptions options)
    {
        List<string> faults =
        [
            .. Faults(HubOptions.Section, options),
            .. Faults($"{HubOptions.Section}:{nameof(HubOptions.Workers)}", options.Workers),
            .. Faults($"{HubOptions.Section}:{nameof(HubOptions.ModelHub)}", options.ModelHub),
        ];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(string section, object options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.SelectMany(r => r.MemberNames.Select(member => $"{section}:{member}: {r.ErrorMessage}"));
    }
}
