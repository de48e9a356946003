using System.Runtime.InteropServices;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Engine.Datasets;

/// <summary>
/// Deals rows out to train (0), validation (1) and test (2), the same for the same rows, shares and seed. Sizes are scikit-learn's
/// (<c>train_test_split</c> twice): first the test rows, rounded up, then the validation rows of what is left; each label gets its
/// share by largest remainders.
/// </summary>
internal static class Splitter
{
    private const double RoundingSlack = 1e-9;

    /// <param name="strata">The stratum (label) of each row; all 0 for a plain random split.</param>
    /// <param name="settings">Shares and seed.</param>
    internal static byte[] Assign(IReadOnlyList<int> strata, SplitSettings settings)
    {
        var (train, validation, test) = (settings.Train, settings.Validation, settings.Test);
        if (!(train > 0 && validation >= 0 && test >= 0 && Math.Abs(train + validation + test - 1) < 1e-6))
        {
            throw new InputException("The shares of train, validation and test must add up to 1, and train must have some.", "dataset.shares");
        }

        var splits = new byte[strata.Count];
        var members = GroupShuffled(strata, settings.Seed);
        var left = members.Select(m => m.Count).ToArray();
        Take(2, test);
        Take(1, train + validation <= 0 ? 0 : validation / (train + validation));
        return splits;

        void Take(byte split, double share)
        {
            var taken = Shares(left, share);
            for (var stratum = 0; stratum < members.Count; stratum++)
            {
                for (var i = 0; i < taken[stratum]; i++)
                {
                    splits[members[stratum][--left[stratum]]] = split;
                }
            }
        }
    }

    /// <summary>How many of each stratum make up <paramref name="share"/> of all, rounded up in total.</summary>
    private static int[] Shares(int[] sizes, double share)
    {
        long all = sizes.Sum();
        var wanted = (int)Math.Ceiling((all * share) - RoundingSlack);
        var taken = new int[sizes.Length];
        if (wanted <= 0)
        {
            return taken;
        }

        var remainders = new double[sizes.Length];
        for (var i = 0; i < sizes.Length; i++)
        {
            var ideal = sizes[i] * (wanted / (double)all);
            taken[i] = (int)Math.Floor(ideal + RoundingSlack);
            remainders[i] = ideal - taken[i];
        }

        foreach (var i in Enumerable.Range(0, sizes.Length).OrderByDescending(i => remainders[i]).ThenByDescending(i => sizes[i]).Take(wanted - taken.Sum()))
        {
            taken[i]++;
        }

        return taken;
    }

    private static List<List<int>> GroupShuffled(IReadOnlyList<int> strata, long seed)
    {
        var members = new List<List<int>>();
        for (var row = 0; row < strata.Count; row++)
        {
            while (members.Count <= strata[row])
            {
                members.Add([]);
            }

            members[strata[row]].Add(row);
        }

        var random = new SeededRandom(unchecked((ulong)seed));
        foreach (var rows in members)
        {
            random.Shuffle(CollectionsMarshal.AsSpan(rows));
        }

        return members;
    }
}
