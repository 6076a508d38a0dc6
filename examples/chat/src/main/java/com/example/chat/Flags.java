package com.example.chat;

import dev.roomcast.guard.Rate;
import dev.roomcast.guard.Sanitizer;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the values of flags are read. */
final class Flags {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private Flags() {}

    /** Reads {@code 500ms}, {@code 30s}, {@code 2m} or {@code 1h}. */
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
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
        }
    }

    /** Reads {@code 50/s}, {@code 600/m} or {@code 1000/h}. */
    static final class ToRate implements ITypeConverter<Rate> {
        @Override
        public Rate convert(String text) {
            try {
                return Rate.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + text + "' is not a rate such as 50/s, 600/m or 1000/h");
            }
        }
    }

    /** Reads {@code text}, {@code escape}, {@code html} or {@code none}. */
    static final class ToSanitizer implements ITypeConverter<Sanitizer> {
        @Override
        public Sanitizer convert(String text) {
            return switch (text) {
                case "text" -> Sanitizer.text();
                case "escape" -> Sanitizer.escapeHtml();
                case "html" -> Sanitizer.safeHtml();
                case "none" -> Sanitizer.none();
                default -> throw new TypeConversionException("'" + text + "' is none of text, escape, html and none");
            };
        }
    }
}
