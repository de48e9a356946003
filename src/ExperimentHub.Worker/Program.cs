Console.Error.WriteLine("usage: worker COMMAND");
return 2;
