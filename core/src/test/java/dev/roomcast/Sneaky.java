package dev.roomcast;

/** Throws what its signature does not say, as code in other languages may. */
public final class Sneaky {

    private Sneaky() {}

    /** Throws any throwable; the result is for a {@code throw} or {@code return} that the compiler wants to see. */
    public static RuntimeException raise(Throwable any) {
        return Sneaky.<RuntimeException>as(any);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> RuntimeException as(Throwable any) throws E {
        throw (E) any;
    }
}
