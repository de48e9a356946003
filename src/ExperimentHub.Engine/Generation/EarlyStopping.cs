namespace ExperimentHub.Engine.Generation;

/// <summary>When a beam search that has as many finished hypotheses as beams stops.</summary>
public enum EarlyStopping
{
    /// <summary>Hugging Face's <c>false</c>: when the best running beam, at its present length, is no better than the worst hypothesis.</summary>
    WhenUnlikely,

    /// <summary><c>true</c>: at once.</summary>
    AtOnce,

    /// <summary><c>"never"</c>: when no running beam can become better than the worst hypothesis, whatever follows.</summary>
    WhenImpossible,
}
