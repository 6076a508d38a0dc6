package dev.roomcast.guard;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.UnaryOperator;

/**
 * The door to the OWASP Java HTML Sanitizer, which need not be there. It is called by name, since its jar has no stable
 * module name that a module could require.
 */
final class HtmlPolicy {

    private static final String ARTIFACT = "com.googlecode.owasp-java-html-sanitizer:owasp-java-html-sanitizer";

    private HtmlPolicy() {}

    /** {@code Sanitizers.FORMATTING.and(Sanitizers.BLOCKS).and(Sanitizers.LINKS)}. */
    static UnaryOperator<String> cleaner() {
        MethodHandle sanitize;
        try {
            Class<?> policies = Class.forName("org.owasp.html.Sanitizers");
            Class<?> policy = Class.forName("org.owasp.html.PolicyFactory");
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            MethodHandle and = lookup.findVirtual(policy, "and", MethodType.methodType(policy, policy));
            Object formatting =
                    lookup.findStaticGetter(policies, "FORMATTING", policy).invoke();
            Object blocks = lookup.findStaticGetter(policies, "BLOCKS", policy).invoke();
            Object links = lookup.findStaticGetter(policies, "LINKS", policy).invoke();
            sanitize = lookup.findVirtual(policy, "sanitize", MethodType.methodType(String.class, String.class))
                    .bindTo(and.invoke(and.invoke(formatting, blocks), links));
        } catch (Throwable absent) {
            throw new IllegalStateException("safeHtml needs " + ARTIFACT + " on the class path", absent);
        }
        return text -> apply(sanitize, PlainText.clean(text));
    }

    private static String apply(MethodHandle sanitize, String text) {
        try {
            return (String) sanitize.invokeExact(text);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the HTML sanitizer throws no checked exceptions", e);
        }
    }

    /** For names, in which no formatting is welcome: one that looks like a tag must not become another name. */
    static String escape(String name) {
        return name.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&#34;")
                .replace("'", "&#39;");
    }
}
