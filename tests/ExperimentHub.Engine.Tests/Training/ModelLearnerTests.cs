using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Tests.Models;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Training;

public sealed class ModelLearnerTests
{
    private static readonly AdamWSettings s_settings = new(0.9, 0.999, 1e-8, 0.01);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradual_LeavesALayerAsItIs_UntilItsTimeComes(bool plain)
    {
        using var scope = NewDisposeScope();
        var model = TinyModels.Classifier("distilbert");
        using var learner = new ModelLearner(model, s_settings, 1, LearningPlan.Gradual(model.Config.Layers, steps: 2), plain);
        var before = model.Weights.ToDictionary(w => w, w => w.Value.detach().clone());
        using var batch = TinyModels.Batch(model, TinyModels.Rows);

        for (var step = 0; step < 4; step++)
        {
            learner.BeginStep(step);
            ModelLearner.Accumulate(nn.functional.cross_entropy(model.Forward(batch), tensor([0L, 1L, 1L])));
            learner.Step(1e-2);
            foreach (var weight in model.Weights.Where(w => !w.Parts[0].Name.Contains("k_lin.bias", StringComparison.Ordinal)))
            {
                var learns = weight.Depth > model.Config.Layers || weight.Depth > model.Config.Layers - (step / 2);
                Assert.Equal(learns, !weight.Value.allclose(before[weight], rtol: 0, atol: 0));
            }
        }
    }

    [Fact]
    public void LayerwiseDecay_GivesEachLayerItsShareOfTheRate()
    {
        using var model = TinyModels.Create("bert", ModelHead.SequenceClassification);
        var plan = LearningPlan.LayerwiseDecay(model.Config.Layers, 0.5);

        var rates = model.Weights.GroupBy(w => w.Depth).OrderBy(g => g.Key).Select(g => g.Select(plan.RateFactor).Distinct().Single());

        Assert.Equal([0.0625, 0.125, 0.25, 0.5, 1, 1], rates);
    }
}
