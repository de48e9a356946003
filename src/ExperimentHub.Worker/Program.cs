using ExperimentHub.Engine;
using ExperimentHub.Worker;
using ExperimentHub.Worker.Datasets;
using ExperimentHub.Worker.Generation;
using ExperimentHub.Worker.Models;
using ExperimentHub.Worker.Tokenizers;

// One line per command; a job kind is one line in WorkerJobs.
Command[] commands =
[
    new("job", "FOLDER", "does the job described by run.json in FOLDER, as the hub asks for it", JobHost.RunCommand),
    new("inspect-dataset", "FILE [--map label=COLUMN] | FOLDER", "says how a file of rows would be read, and why", DatasetCommands.Inspect),
    new("import-dataset", "FILE [--store DIR] [--map text=COLUMN] | FOLDER", "imports a CSV, TSV, JSON or JSON lines file into a store", DatasetCommands.Import),
    new("train", "RUN_FOLDER | --model FOLDER --train FILE [--eval FILE] [--set name=value]… [--map text=COLUMN] [--device auto|cpu|cuda] --out FOLDER", "fine-tunes a model; the last line of stdout is the final metrics", TrainCommand.RunCommand),
    new("evaluate", "--model FOLDER --data FILE [--map label=COLUMN]", "evaluates a classifier on the rows of a file and prints the report as JSON", EvaluateCommand.RunCommand),
    new("generate", "MODEL_FOLDER [PROMPT] [--system TEXT] [--raw] [--max-new-tokens N] [--set top_p=0.9]… [--seed N] [--dtype fp32|bf16] [--threads N] [--device cpu|cuda|auto]", "lets a language model write to the terminal, through its chat template if it has one; without a prompt it reads one from standard input", GenerateCommand.RunCommand),
    new("serve", "MODEL_FOLDER (--socket PATH | --port N) [--threads N] [--device cpu|cuda|auto]", "answers POST /predict and POST /tokenize for one classifier", ServeCommand.RunCommand),
    new("inspect", "(--socket PATH | --port N) --store FOLDER", "answers POST /tokenize for the models of a store, without torch", InspectCommand.RunCommand),
    new("tokenize", "--model FOLDER [--pair TEXT] [--max-length N] [--no-special-tokens] (TEXT… | --file FILE)", "prints the tokens of each text, or of each line of a file, as one JSON line", TokenizeCommand.RunCommand),
    new("train-tokenizer", "--data FILE… [--kind byte_bpe|wordpiece|bpe|unigram] [--vocab-size N] [--cased] [--map text=COLUMN] --out FOLDER", "learns a vocabulary from texts and saves it as tokenizer.json", TrainTokenizerCommand.RunCommand),
    new("bench", "train|generate|tokenize|gemm …", "measures training, generation, tokenizing or matrix products and prints one JSON line", BenchCommand.RunCommand),
    new("convert", "FOLDER OUT [--dtype F32|F16|BF16] [--max-shard-size 5GB]", "writes a model folder anew, its weights as safetensors of one type, in shards of a size", ConvertCommand.RunCommand),
    new("check", "FOLDER [--base FOLDER]", "says what was understood of a model folder, and lets the model read one text; or of an adapter, and whether it fits its base", CheckCommand.RunCommand),
    new("import-model", "SOURCE [--store DIR]", "imports a Hugging Face folder, a zip or tar of one, hf:owner/name[@revision] of a model hub (HF_ENDPOINT, HF_TOKEN), or 'starter', the model that comes along", ModelCommands.Import),
];

if (args is [] or ["help" or "--help" or "-h", ..])
{
    Console.WriteLine("usage: worker COMMAND [ARGUMENTS]\n");
    foreach (var known in commands)
    {
        Console.WriteLine($"  worker {known.Name} {known.Arguments}\n      {known.Help}");
    }

    return args.Length == 0 ? 2 : 0;
}

if (commands.FirstOrDefault(c => c.Name == args[0]) is not { } command)
{
    Console.Error.WriteLine($"There is no command '{InputException.Quote(args[0])}'; 'worker help' lists them.");
    return 2;
}

try
{
    return await command.Run(args[1..]);
}
catch (Exception e)
{
    return Failure.Report(e);
}
