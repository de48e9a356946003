using System.Buffers;
using System.Text;
using ExperimentHub.Engine.Tokenizers.Models;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>The user-defined pieces of a SentencePiece model: they stand in a text as they are, the longest at each place, before anything else is looked for.</summary>
internal sealed class UserSymbols
{
    private readonly WordTrie _trie = new();
    private readonly int _root;
    private readonly IReadOnlyList<SentencePiece> _pieces;

    internal UserSymbols(IReadOnlyList<SentencePiece> pieces)
    {
        _pieces = pieces;
        _root = _trie.AddRoot();
        for (var id = 0; id < pieces.Count; id++)
        {
            if (pieces[id].Type == SentencePieceType.UserDefined)
            {
                _trie.Add(_root, pieces[id].Text, id);
            }
        }
    }

    /// <summary>UTF-16 units of the symbol that the text begins with; 0 if there is none.</summary>
    internal int LongestLength(ReadOnlySpan<char> text) => _trie.Longest(_root, text).Length;

    /// <summary>The symbol that the text begins with, or null.</summary>
    /// <param name="length">Its bytes.</param>
    internal string? Longest(ReadOnlySpan<byte> utf8, out int length)
    {
        length = 0;
        string? longest = null;
        Span<char> units = stackalloc char[2];
        var node = _root;
        for (var at = 0; Rune.DecodeFromUtf8(utf8[at..], out var rune, out var bytes) == OperationStatus.Done;)
        {
            at += bytes;
            foreach (var unit in units[..rune.EncodeToUtf16(units)])
            {
                node = _trie.Child(node, unit);
                if (node == 0)
                {
                    return longest;
                }
            }

            if (_trie.Token(node) is var id and >= 0)
            {
                (longest, length) = (_pieces[id].Text, at);
            }
        }

        return longest;
    }
}
