package com.example.loadtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A result as a page of its own: no script, nothing from elsewhere, light and dark as the reader's system is. */
final class ResultPage {

    private static final String STYLE = """
            :root { color-scheme: light dark; --text: #1b1f24; --quiet: #59636e; --line: #d5dae0; --curve: #0b62d6; --bad: #b42318; }
            @media (prefers-color-scheme: dark) {
              :root { --text: #e6e9ed; --quiet: #9aa4ae; --line: #353c45; --curve: #6aa9ff; --bad: #ff8a80; }
            }
            body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.5rem; margin-bottom: 0; }
            p { color: var(--quiet); }
            table { border-collapse: collapse; margin: 1.5rem 0; }
            th, td { text-align: left; padding: .3rem 1.5rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
            th { font-weight: 500; color: var(--quiet); }
            td { font-variant-numeric: tabular-nums; }
            .bad { color: var(--bad); }
            svg { width: 100%; height: auto; }
            svg text { fill: var(--quiet); font: 12px system-ui, sans-serif; }
            .grid { stroke: var(--line); }
            .curve { stroke: var(--curve); stroke-width: 2; fill: none; }
            """;

    private ResultPage() {}

    static void write(Path file, Result result) throws IOException {
        Files.writeString(file, html(result));
    }

    static String html(Result result) {
        List<String[]> rows = new ArrayList<>();
        rows.add(row("Load", result.plan().text()));
        rows.add(row("Server", result.plan().url().toString()));
        rows.add(row("Deliveries", number("%,.0f/s", result.perSecond())));
        rows.add(row("Message", number("%.0f bytes as delivered", result.bytesEach())));
        rows.add(row("Latency", result.latencyText()));
        rows.add(row("Server CPU", result.serverText()));
        rows.add(row("Generator", result.generatorText()));
        rows.add(row("Machine", Machine.text()));
        StringBuilder body = new StringBuilder("<table>\n");
        rows.forEach(row -> body.append("<tr><th>" + row[0] + "</th><td>" + escaped(row[1]) + "</td></tr>\n"));
        body.append("<tr><th>Checks</th><td").append(result.failed() ? " class=\"bad\">" : ">");
        body.append(
                result.failed()
                        ? "Failed: %,d faults".formatted(result.faults())
                        : "Every member got every message once and in order");
        result.firstFaults().forEach(fault -> body.append("<br>").append(escaped(fault)));
        body.append("</td></tr>\n</table>\n<h2>Latency by percentile</h2>\n")
                .append(LatencyChart.svg(result.latency()))
                .append("<p>From when a message should have been sent to when a member had it.")
                .append(" Both axes are logarithmic.</p>\n");
        return page("Load test", body.toString());
    }

    static String page(String title, String body) {
        String when = ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'"));
        return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" + title + "</title>\n<style>\n"
                + STYLE + "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n<p>" + when + "</p>\n" + body
                + "</body>\n</html>\n";
    }

    private static String[] row(String name, String value) {
        return new String[] {name, value};
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
