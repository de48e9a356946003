namespace ExperimentHub.Engine.Chat;

/// <summary>What one side says in a conversation.</summary>
/// <param name="Role">Usually <c>system</c>, <c>user</c> or <c>assistant</c>; the template decides.</param>
public sealed record ChatMessage(string Role, string Content);
