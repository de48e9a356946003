using System.Diagnostics;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Worker.Tokenizers;

/// <summary><c>worker train-tokenizer</c>: a vocabulary from the texts of files, saved as the reference loads it.</summary>
internal static class TrainTokenizerCommand
{
    private const int ReportEvery = 10_000;
    private const int ProbedTexts = 2000;

    public static async Task<int> RunCommand(string[] arguments)
    {
        var line = new CommandLine("train-tokenizer", arguments, ["data", "map", "kind", "vocab-size", "out"], ["cased"]);
        var training = new TokenizerTraining
        {
            Kind = line.Text("kind") ?? TokenizerTraining.ByteLevelBpe,
            VocabularySize = line.Integer("vocab-size", 8000),
            Lowercase = !line.Has("cased"),
        };
        var trainer = new TokenizerTrainer(training);
        var folder = Directory.CreateDirectory(line.Required("out")).FullName;
        if (Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw line.Fault("the folder of --out is not empty; name a new one");
        }

        using var cancellation = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            cancellation.Cancel();
        };
        var began = Stopwatch.GetTimestamp();
        var (texts, probe) = (0L, new List<string>());
        var scratch = Directory.CreateTempSubdirectory("experimenthub-tokenizer-");
        try
        {
            foreach (var file in line.All("data") is { Count: > 0 } files ? files : throw line.Fault("--data is missing"))
            {
                await foreach (var text in TextsAsync(line, file, scratch.FullName, cancellation.Token))
                {
                    trainer.Add(text);
                    if (probe.Count < ProbedTexts)
                    {
                        probe.Add(text);
                    }

                    if (++texts % ReportEvery == 0)
                    {
                        Console.Error.Write($"\r{texts} texts read");
                    }
                }
            }
        }
        finally
        {
            scratch.Delete(recursive: true);
        }

        if (texts == 0)
        {
            throw new InputException("The files have no texts; choose the column with --map text=COLUMN.", "run.no_rows");
        }

        Console.Error.WriteLine($"\r{texts} texts read");
        var learned = trainer.Train(new Progress<int>(count => Console.Error.Write($"\r{count} tokens ")), cancellation.Token);
        learned.Save(folder);
        var characters = probe.Sum(t => (long)t.Length);
        Output.Json(new
        {
            training.Kind,
            learned.VocabularySize,
            Texts = texts,
            // Of the first texts, so that vocabularies can be told apart at a glance.
            CharactersPerToken = Math.Round(characters / (double)Math.Max(1, Tokenizer.Load(folder).EncodeBatch(probe, null, 0).Ids.Length), 3),
            Seconds = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 2),
        });
        return 0;
    }

    /// <summary>The lines of a text file; the texts of a file of rows.</summary>
    private static async IAsyncEnumerable<string> TextsAsync(
        CommandLine line, string file, string scratch, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!File.Exists(file))
        {
            throw new InputException($"There is no file {InputException.Quote(file, 200)}.", "worker.no_file", InputException.Quote(file, 200));
        }

        if (Path.GetExtension(file) is ".txt" or ".raw" or "")
        {
            await foreach (var text in File.ReadLinesAsync(file, cancellation))
            {
                yield return text;
            }

            yield break;
        }

        var reader = await DatasetReader.OpenAsync(await HandImport.ImportAsync(line, file, scratch, split: true), cancellation: cancellation);
        await foreach (var row in reader.ReadAsync("train", cancellation))
        {
            yield return row.Text;
            if (row.TextPair is { } pair)
            {
                yield return pair;
            }
        }
    }
}
