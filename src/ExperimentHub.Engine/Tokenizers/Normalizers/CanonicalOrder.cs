using System.Collections.Concurrent;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>
/// Decomposition, order and composition of Unicode's normal forms (UAX 15), with each character's change as <see cref="TransformWriter"/>
/// takes it: the first part of a character stands for it, the others are more; a composed one stands for all that it was made of.
/// </summary>
internal static class CanonicalOrder
{
    private static readonly ConcurrentDictionary<(Rune, Rune), Rune?> s_compositions = new();

    internal static List<(Rune Rune, int Change)> Decompose(ReadOnlySpan<char> cluster, NormalizationForm form)
    {
        var characters = new List<(Rune Rune, int Change)>();
        foreach (var rune in cluster.EnumerateRunes())
        {
            var change = 0;
            foreach (var part in rune.ToString().Normalize(form).EnumerateRunes())
            {
                characters.Add((part, change));
                change = 1;
            }
        }

        Sort(characters);
        return characters;
    }

    internal static List<(Rune Rune, int Change)> Compose(List<(Rune Rune, int Change)> characters)
    {
        var composed = new List<(Rune Rune, int Change)>(characters.Count);
        var waiting = new List<(Rune Rune, int Change)>();   // marks after the starter that did not join it
        (Rune Rune, int Change)? starter = null;
        foreach (var (rune, change) in characters)
        {
            var combining = CombiningClasses.Of(rune);
            if (starter is not var (first, firstChange))
            {
                if (combining == 0)
                {
                    starter = (rune, change);
                }
                else
                {
                    composed.Add((rune, change));
                }

                continue;
            }

            var blocked = waiting.Count > 0 && CombiningClasses.Of(waiting[^1].Rune) >= combining;
            if (!blocked && Composition(first, rune) is { } joined)
            {
                starter = (joined, firstChange + change - 1);
            }
            else if (combining == 0)
            {
                composed.Add((first, firstChange));
                composed.AddRange(waiting);
                waiting.Clear();
                starter = (rune, change);
            }
            else
            {
                waiting.Add((rune, change));
            }
        }

        if (starter is { } last)
        {
            composed.Add(last);
        }

        composed.AddRange(waiting);
        return composed;
    }

    /// <summary>Puts marks in the order of their classes, equals as they were.</summary>
    private static void Sort(List<(Rune Rune, int Change)> characters)
    {
        for (var i = 1; i < characters.Count; i++)
        {
            var combining = CombiningClasses.Of(characters[i].Rune);
            for (var at = i; combining > 0 && at > 0 && CombiningClasses.Of(characters[at - 1].Rune) > combining; at--)
            {
                (characters[at - 1], characters[at]) = (characters[at], characters[at - 1]);
            }
        }
    }

    private static Rune? Composition(Rune first, Rune second)
    {
        if (s_compositions.Count > 10_000)
        {
            s_compositions.Clear();   // no real text holds so many different pairs
        }

        return s_compositions.GetOrAdd((first, second), static pair =>
        {
            var joined = $"{pair.Item1}{pair.Item2}".Normalize(NormalizationForm.FormC);
            return Rune.DecodeFromUtf16(joined, out var rune, out var length) == System.Buffers.OperationStatus.Done && length == joined.Length ? rune : null;
        });
    }
}
