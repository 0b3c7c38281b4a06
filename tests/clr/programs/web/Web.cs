// SPDX-License-Identifier: MIT
// web PLUGIN: serves on a port of loopback, which it prints, until its standard input ends.
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

var plugin = Path.GetFullPath(args[0]);
var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
var app = builder.Build();

app.MapGet("/text/{number:int}", (int number) => string.Join(' ', Enumerable.Range(0, number).Select(i => i * i)));
app.MapGet("/order/{number:int}", (int number) => Orders.Make(number));
app.MapPost("/total", (Order order) => Task.FromResult(order.Lines.Sum(line => line.Count * line.Price)));
app.MapGet("/fresh/{number:int}", (int number) => Fresh.Run(plugin, number)); // methods that no request had before
app.MapGet("/maps", () => File.ReadAllTextAsync("/proc/self/maps"));

await app.StartAsync();
Console.WriteLine(app.Urls.Single());
await Console.In.ReadToEndAsync();
await app.StopAsync();

record Line(string Article, int Count, decimal Price);

record Order(int Number, DateOnly Day, List<Line> Lines);

static class Orders
{
    public static Order Make(int number) =>
        new(number, new DateOnly(2020, 1, 1).AddDays(number), [.. Enumerable.Range(1, number % 7 + 1).Select(Line)]);

    private static Line Line(int index) => new($"article {index}", index * 3, index * 1.25m);
}

static class Fresh
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Run(string plugin, int value)
    {
        var context = new AssemblyLoadContext("plugin", isCollectible: true);
        var result = (int)context.LoadFromAssemblyPath(plugin).GetType("Methods")!.GetMethod("Run")!.Invoke(null, [value])!;
        context.Unload();
        return result;
    }
}
