package com.example.loadtest;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the values of flags are read. */
final class Flags {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s|m)");
    private static final Pattern RATE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)/s");

    private Flags() {}

    /** Reads {@code 500ms}, {@code 30s} or {@code 2m}. */
    static final class ToDuration implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Matcher matcher = DURATION.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' is not a time such as 500ms, 30s or 2m");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMinutes(number);
            };
        }
    }

    /** Reads {@code 1000/s} or {@code 0.5/s}. */
    static final class ToRate implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            Matcher matcher = RATE.matcher(text);
            if (!matcher.matches() || Double.parseDouble(matcher.group(1)) == 0) {
                throw new TypeConversionException("'" + text + "' is not a rate such as 1000/s");
            }
            return Double.valueOf(matcher.group(1));
        }
    }

    /** How messages come: one in a frame, or several on lines of their own. */
    enum Format {
        PLAIN,
        V1
    }

    /** Reads {@code plain} or {@code v1}. */
    static final class ToFormat implements ITypeConverter<Format> {
        @Override
        public Format convert(String text) {
            return switch (text) {
                case "plain" -> Format.PLAIN;
                case "v1" -> Format.V1;
                default -> throw new TypeConversionException("'" + text + "' is neither plain nor v1");
            };
        }
    }
}
