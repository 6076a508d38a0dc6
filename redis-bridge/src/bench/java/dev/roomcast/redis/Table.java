package dev.roomcast.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was measured, beside what it is to be. */
final class Table {

    private final List<String[]> rows = new ArrayList<>();
    private boolean sound = true;

    Table() {
        rows.add(new String[] {"", "measured", "floor", "aim"});
    }

    void add(String what, String measured, String floor, String aim) {
        rows.add(new String[] {what, measured, floor, aim});
        System.out.printf(Locale.ROOT, "=> %s: %s%n", what, measured);
    }

    /** Something arrived twice, late, or not at all. */
    void fault(String what) {
        sound = false;
        rows.add(new String[] {"FAULT: " + what, "", "", ""});
        System.out.println("FAULT: " + what);
    }

    boolean isSound() {
        return sound;
    }

    @Override
    public String toString() {
        int[] widths = new int[4];
        for (String[] row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            text.append('|');
            for (int i = 0; i < widths.length; i++) {
                text.append(' ')
                        .append(row[i])
                        .append(" ".repeat(widths[i] - row[i].length()))
                        .append(" |");
            }
            text.append(System.lineSeparator());
            if (row == rows.get(0)) {
                text.append("|---|---|---|---|").append(System.lineSeparator());
            }
        }
        return text.toString();
    }
}
