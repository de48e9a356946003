using Microsoft.Extensions.Localization;
using MudBlazor;

namespace ExperimentHub.Web.Components;

/// <summary>Short messages at the edge of the page: what was done, with a way back; what failed stays until it is closed.</summary>
internal sealed class Toasts(ISnackbar snackbar, IStringLocalizer<CommonText> text)
{
    public void Done(string message) => snackbar.Add(message, Severity.Success);

    public void Done(string message, Func<Task> undo) => Done(message, text["Undo"], undo);

    public void Done(string message, string action, Func<Task> act) => snackbar.Add(message, Severity.Success, o =>
    {
        o.Action = action;
        o.ActionVariant = Variant.Outlined;
        o.OnClick = _ => act();
    });

    public void Warn(string message) => snackbar.Add(message, Severity.Warning);

    public void Failed(string message) => snackbar.Add(message, Severity.Error, o => o.RequireInteraction = true);
}
