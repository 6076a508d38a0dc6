package dev.roomcast.jakarta;

import java.lang.reflect.Field;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way into objects of a container that keeps them private. On the module path it is open only with {@code --add-opens}
 * for the packages on the way.
 */
final class PrivateFields {

    private PrivateFields() {}

    /** Follows fields by name, also inherited ones; empty if one is absent, null, or cannot be reached. */
    static Optional<Object> under(Object start, String... fields) {
        Object at = start;
        try {
            for (String field : fields) {
                at = read(at, field);
            }
        } catch (NoSuchFieldException | IllegalAccessException | RuntimeException unreachable) {
            return Optional.empty();
        }
        return Optional.ofNullable(at);
    }

    private static @Nullable Object read(@Nullable Object owner, String field)
            throws NoSuchFieldException, IllegalAccessException {
        for (Class<?> type = owner == null ? null : owner.getClass(); type != null; type = type.getSuperclass()) {
            for (Field declared : type.getDeclaredFields()) {
                if (declared.getName().equals(field)) {
                    declared.setAccessible(true);
                    return declared.get(owner);
                }
            }
        }
        throw new NoSuchFieldException(field);
    }
}
