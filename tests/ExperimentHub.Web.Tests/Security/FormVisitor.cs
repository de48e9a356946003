using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing;

namespace ExperimentHub.Web.Tests.Security;

/// <summary>A visitor who fills in forms and keeps cookies, and follows no redirect.</summary>
internal sealed partial class FormVisitor(HubFactory hub, string address = "http://localhost") : IDisposable
{
    public HttpClient Client { get; } = hub.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true, BaseAddress = new Uri(address) });

    public Task<HttpResponseMessage> SignInAsync(string mail, string password, string? returnUrl = null) =>
        PostAsync("/account/sign-in" + (returnUrl is null ? "" : "?returnUrl=" + Uri.EscapeDataString(returnUrl)), "sign-in", new() { ["Input.Email"] = mail, ["Input.Password"] = password });

    /// <summary>Asks for a page and sends its form with the token that stands in it.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, string form, Dictionary<string, string> fields)
    {
        var page = await Client.GetStringAsync(path);
        fields["_handler"] = form;
        fields["__RequestVerificationToken"] = WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value);
        return await Client.PostAsync(path, new FormUrlEncodedContent(fields));
    }

    public void Dispose() => Client.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
