using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ExperimentHub.Engine.Protocol;

/// <summary>Files that are whole or absent: written to a temporary name beside the final one, flushed to disk, renamed, folder flushed.</summary>
public static class AtomicFile
{
    public static void WriteAllText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    public static void Write(string path, Action<FileStream> write)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Makes a finished temporary folder (its files flushed by their writers) appear under its final name, which must not exist.</summary>
    public static void MoveDirectory(string temporary, string final)
    {
        FlushDirectory(temporary);
        Directory.Move(temporary, final);
        FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(final))!);
    }

    /// <summary>After this a rename in the folder survives a power loss. Windows has no such call and needs none.</summary>
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = new SafeFileHandle(Posix.Open(directory, 0), ownsHandle: true);
        if (!handle.IsInvalid)
        {
            Posix.FSync(handle.DangerousGetHandle().ToInt32());
        }
    }
}
