using ExperimentHub.Benchmarks;

// Figures for people, never asserts: `dotnet run -c Release --project tests/ExperimentHub.Benchmarks -- store|pages [--option value]…`
return args switch
{
    ["store", .. var options] => await StoreBenchmark.RunAsync(new Options(options)),
    ["pages", .. var options] => await PagesBenchmark.RunAsync(new Options(options)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: store [--runs 20] [--events 10000] [--metrics 10] [--readers 20] [--million 20]
               pages [--minutes 10] [--pages 20] [--circuits 0] [--clients 30] [--runs 20] [--rate 2]
        """);
    return 2;
}
