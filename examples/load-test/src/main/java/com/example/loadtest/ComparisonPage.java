package com.example.loadtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A comparison as a page of its own, in the manner of {@link ResultPage}. */
final class ComparisonPage {

    private ComparisonPage() {}

    static void write(Path file, Table table) throws IOException {
        StringBuilder body = new StringBuilder();
        body.append("<p>").append(ResultPage.escaped(table.heading())).append("<br>");
        body.append(ResultPage.escaped(table.machine())).append("</p>\n<h2>Ratios</h2>\n");
        append(body, table.ratios());
        body.append("<h2>What they are made of</h2>\n");
        append(body, table.measured());
        Files.writeString(file, ResultPage.page("Comparison", body.toString()));
    }

    private static void append(StringBuilder body, List<Table.Row> rows) {
        body.append("<table>\n");
        for (Table.Row row : rows) {
            body.append("<tr>");
            row.cells()
                    .forEach(cell ->
                            body.append("<td>").append(ResultPage.escaped(cell)).append("</td>"));
            body.append("</tr>\n");
        }
        body.append("</table>\n");
    }
}
