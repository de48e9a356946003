using System.Numerics;

namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>
/// A prefix tree over UTF-16 units in one open-addressing hash table: the longest token at a place is found with one look-up for each
/// character and no allocation.
/// </summary>
internal sealed class WordTrie
{
    private ulong[] _keys = new ulong[1 << 12];       // parent node and character; 0 is empty (node 0 is never a parent)
    private int[] _children = new int[1 << 12];
    private int[] _tokens = new int[1 << 10];         // token id + 1 of each node, 0 for none
    private int _edges;
    private int _nodes = 1;

    internal int AddRoot() => NewNode();

    internal void Add(int root, ReadOnlySpan<char> token, int id)
    {
        if (token.IsEmpty)
        {
            return;
        }

        var node = root;
        foreach (var c in token)
        {
            var child = Child(node, c);
            if (child == 0)
            {
                child = NewNode();
                Insert(Key(node, c), child);
            }

            node = child;
        }

        _tokens[node] = id + 1;
    }

    /// <summary>The longest token that <paramref name="text"/> begins with; length 0 if there is none.</summary>
    internal (int Id, int Length) Longest(int root, ReadOnlySpan<char> text)
    {
        var node = root;
        var (id, length) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            node = Child(node, text[i]);
            if (node == 0)
            {
                break;
            }

            if (_tokens[node] != 0)
            {
                (id, length) = (_tokens[node] - 1, i + 1);
            }
        }

        return (id, length);
    }

    /// <summary>The id of the token that ends at a node; -1 if none does.</summary>
    internal int Token(int node) => _tokens[node] - 1;

    private static ulong Key(int node, char c) => ((ulong)node << 16) | c;

    private int Slot(ulong key) =>
        (int)((key * 0x9E3779B97F4A7C15UL) >> (64 - BitOperations.Log2((uint)_keys.Length)));

    /// <summary>The node after <paramref name="c"/>; 0 if no token goes on like this.</summary>
    internal int Child(int node, char c)
    {
        var key = Key(node, c);
        for (var slot = Slot(key); ; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == key)
            {
                return _children[slot];
            }

            if (_keys[slot] == 0)
            {
                return 0;
            }
        }
    }

    private void Insert(ulong key, int child)
    {
        if (_edges * 2 >= _keys.Length)
        {
            Grow();
        }

        var slot = Slot(key);
        while (_keys[slot] != 0)
        {
            slot = (slot + 1) & (_keys.Length - 1);
        }

        _keys[slot] = key;
        _children[slot] = child;
        _edges++;
    }

    private void Grow()
    {
        var (keys, children) = (_keys, _children);
        _keys = new ulong[keys.Length * 2];
        _children = new int[keys.Length * 2];
        _edges = 0;
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] != 0)
            {
                Insert(keys[i], children[i]);
            }
        }
    }

    private int NewNode()
    {
        if (_nodes == _tokens.Length)
        {
            Array.Resize(ref _tokens, _nodes * 2);
        }

        return _nodes++;
    }
}
