package dev.roomcast.guard;

import java.util.function.UnaryOperator;
import org.owasp.encoder.Encode;

/** The door to the OWASP Java Encoder, which need not be there. */
final class HtmlEscaping {

    private HtmlEscaping() {}

    static UnaryOperator<String> cleaner() {
        try {
            Encode.forHtml("");
        } catch (NoClassDefFoundError absent) {
            throw new IllegalStateException("escapeHtml needs org.owasp.encoder:encoder on the class path", absent);
        }
        return text -> Encode.forHtml(PlainText.clean(text));
    }
}
