package com.example.loadtest;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/** The latency of all deliveries, sorted: how long the fastest half, nine tenths, 99 of 100 took. */
final class LatencyChart {

    private static final int WIDTH = 800;
    private static final int HEIGHT = 360;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 15;
    private static final int BOTTOM = 35;
    private static final double STEP = 0.02;

    private final Histogram latency;
    private final double nines;
    private final int lowest;
    private final int highest;

    private LatencyChart(Histogram latency) {
        this.latency = latency;
        // Where one delivery alone is the rest, there is nothing more to tell apart.
        this.nines = Math.max(1, Math.min(6, Math.log10(Math.max(10, latency.getTotalCount()))));
        this.lowest = (int) Math.floor(Math.log10(Math.max(1000, latency.getValueAtPercentile(0))));
        this.highest = Math.max(lowest + 1, (int) Math.ceil(Math.log10(Math.max(1000, latency.getMaxValue()))));
    }

    static String svg(Histogram latency) {
        return new LatencyChart(latency).svg();
    }

    private String svg() {
        StringBuilder svg = new StringBuilder("<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT
                + "\" role=\"img\" aria-label=\"Latency by percentile\">\n");
        for (int power = lowest; power <= highest; power++) {
            double y = y(Math.pow(10, power));
            line(svg, LEFT, y, WIDTH - RIGHT, y);
            text(svg, LEFT - 8, y + 4, "end", label(power));
        }
        for (int i = 0; i <= nines; i++) {
            double x = x(i);
            line(svg, x, TOP, x, HEIGHT - BOTTOM);
            text(svg, x, HEIGHT - BOTTOM + 20, "middle", i == 0 ? "0" : percentile(i));
        }
        svg.append("<polyline class=\"curve\" points=\"");
        for (double at = 0; at <= nines; at += STEP) {
            double value = latency.getValueAtPercentile(100 * (1 - Math.pow(10, -at)));
            svg.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(at), y(Math.max(1000, value))));
        }
        return svg.append("\"/>\n</svg>\n").toString();
    }

    private double x(double nine) {
        return LEFT + (WIDTH - LEFT - RIGHT) * nine / nines;
    }

    private double y(double nanos) {
        double share = (Math.log10(nanos) - lowest) / (highest - lowest);
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share;
    }

    /** 90, 99, 99.9, 99.99 … */
    private static String percentile(int nines) {
        return nines == 1 ? "90" : nines == 2 ? "99" : "99." + "9".repeat(nines - 2);
    }

    private static String label(int power) {
        String[] units = {"ns", "µs", "ms", "s"};
        return (int) Math.pow(10, power % 3) + " " + (power >= 9 ? "s" : units[power / 3]);
    }

    private static void line(StringBuilder svg, double x1, double y1, double x2, double y2) {
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                x1,
                y1,
                x2,
                y2));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, text));
    }
}
