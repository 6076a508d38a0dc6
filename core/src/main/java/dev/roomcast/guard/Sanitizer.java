package dev.roomcast.guard;

import dev.roomcast.message.Content;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Makes the strings of a message safe for one way of showing them. It reaches every string of the content, keys included,
 * metadata, and the names of users and rooms. What it does not change is relayed byte for byte.
 *
 * <p>Choose by how your page shows text; the wrong pair protects nobody:
 *
 * <table>
 * <caption>Which sanitizer makes which rendering safe</caption>
 * <tr><th>your page does</th><th>take</th></tr>
 * <tr><td>{@code element.textContent = text}, or a framework's text binding</td><td>{@link #text()}</td></tr>
 * <tr><td>{@code element.innerHTML = text}, and the text is to be read as written</td><td>{@link #escapeHtml()}</td></tr>
 * <tr><td>{@code element.innerHTML = text}, and some formatting is welcome</td><td>{@link #safeHtml()}</td></tr>
 * </table>
 *
 * <p>None of them makes a text safe inside a script, a style, a URL or an unquoted attribute.
 *
 * <p>Immutable and safe for use by any thread.
 */
public final class Sanitizer {

    private static final Sanitizer NONE = new Sanitizer(text -> text, text -> text, text -> false);
    private static final Sanitizer TEXT = new Sanitizer(PlainText::clean, text -> text, PlainText::mayNeedCleaning);

    private final UnaryOperator<String> cleaner;

    /** For names: must not make two names one. */
    private final UnaryOperator<String> nameCleaner;

    /** Whether a JSON text may hold a string that is to be changed; most do not, and are not parsed a second time. */
    private final Predicate<String> suspects;

    private Sanitizer(UnaryOperator<String> cleaner, UnaryOperator<String> nameCleaner, Predicate<String> suspects) {
        this.cleaner = cleaner;
        this.nameCleaner = nameCleaner;
        this.suspects = suspects;
    }

    /**
     * For pages that show text as text. Drops control characters (but tab and newline), the bidirectional embeddings and
     * overrides that can make a text read other than it is, and halves of characters. What a reader sees stays: joiners of
     * emoji and scripts, bidirectional isolates and marks, markup as written. It does not make {@code innerHTML} safe.
     *
     * @return the default
     */
    public static Sanitizer text() {
        return TEXT;
    }

    /**
     * For pages that put text in by {@code innerHTML} or inside a quoted attribute, and want it read as written:
     * the characters of markup become entities, after {@link #text()} has done its part. Uses the OWASP Java Encoder. A page
     * that shows it as text shows the entities.
     *
     * @return the sanitizer
     * @throws IllegalStateException if {@code org.owasp.encoder:encoder} is not on the class path
     */
    public static Sanitizer escapeHtml() {
        UnaryOperator<String> escaping = HtmlEscaping.cleaner();
        return new Sanitizer(escaping, escaping, json -> true);
    }

    /**
     * For pages that put text in by {@code innerHTML} and welcome formatting: inline formatting, blocks, lists and links with
     * {@code http}, {@code https} and {@code mailto} stay; everything else goes. Uses the OWASP Java HTML Sanitizer. Text
     * that is not meant as HTML suffers: a type parameter such as {@code <T>} is gone.
     *
     * @return the sanitizer
     * @throws IllegalStateException if {@code com.googlecode.owasp-java-html-sanitizer:owasp-java-html-sanitizer} is not on
     *     the class path
     */
    public static Sanitizer safeHtml() {
        return new Sanitizer(HtmlPolicy.cleaner(), HtmlPolicy::escape, json -> true);
    }

    /**
     * Changes nothing. For content that clients treat as data, never as something to show.
     *
     * @return the sanitizer
     */
    public static Sanitizer none() {
        return NONE;
    }

    /**
     * A sanitizer of your own.
     *
     * @param cleaner from string to string; called for every string and key, by any thread; it must not block
     * @return the sanitizer
     */
    public static Sanitizer of(UnaryOperator<String> cleaner) {
        return new Sanitizer(cleaner, cleaner, json -> true);
    }

    /**
     * Cleans one string.
     *
     * @param text the string
     * @return the same, or what is left of it
     */
    public String clean(String text) {
        return cleaner.apply(text);
    }

    /**
     * Cleans a name of a user or a room, which {@link Names} has let pass. Different names stay different: {@link #text()}
     * and {@link #none()} leave names as they are, the others escape them as HTML.
     *
     * @param name the name
     * @return the name as others are shown it
     */
    public String cleanName(String name) {
        return nameCleaner.apply(name);
    }

    /**
     * Cleans every string of a content, keys included.
     *
     * @param content the content
     * @return the same object if nothing was to be changed
     * @throws IllegalArgumentException if two keys of an object became the same
     */
    public Content clean(Content content) {
        return suspects.test(content.json()) ? JsonStrings.map(content, cleaner) : content;
    }
}
