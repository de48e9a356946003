using ExperimentHub.Parity;

// ExperimentHub.Parity FOLDER [--only PATH_PREFIX]: every case of a folder of reference values, a line a failing case, and a count at the end.
return args switch
{
    [var folder] => ParityRunner.Run(folder, only: ""),
    [var folder, "--only", var only] => ParityRunner.Run(folder, only),
    ["--only", var only, var folder] => ParityRunner.Run(folder, only),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: ExperimentHub.Parity FOLDER [--only PATH_PREFIX]");
    return 2;
}
