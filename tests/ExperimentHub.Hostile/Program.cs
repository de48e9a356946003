using System.Globalization;
using ExperimentHub.Hostile;
using ExperimentHub.Hostile.Fuzzing;

// ExperimentHub.Hostile FOLDER [--only KIND_OR_GROUP]: every case of a folder of hostile files, a line a fault, and a count at the end.
// ExperimentHub.Hostile fuzz [--inputs N] [--seed S] [--only PARSER] [--from N]: made inputs for every parser; the same numbers give the same bytes.
return args switch
{
    [CaseHost.Switch] => await CaseHost.RunAsync(),
    [FuzzHost.Switch, var name, var from, var count, var seed, var scratch] =>
        FuzzHost.Run(name, long.Parse(from, CultureInfo.InvariantCulture), long.Parse(count, CultureInfo.InvariantCulture), ulong.Parse(seed, CultureInfo.InvariantCulture), scratch),
    ["fuzz", .. var options] => await FuzzRunner.RunAsync(options),
    [var folder] => await PackRunner.RunAsync(folder, only: null),
    [var folder, "--only", var only] => await PackRunner.RunAsync(folder, only),
    ["--only", var only, var folder] => await PackRunner.RunAsync(folder, only),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: ExperimentHub.Hostile FOLDER [--only KIND_OR_GROUP] | fuzz [--inputs N] [--seed S] [--only PARSER] [--from N]");
    return 2;
}
