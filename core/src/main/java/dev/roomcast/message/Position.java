package dev.roomcast.message;

/**
 * Where a message stands in its room's order.
 *
 * <p>Offsets of a room count 1, 2, 3 … under an <em>epoch</em>. An epoch is one life of the room's order: when the order
 * had to start anew (the room was forgotten, the store came back from an older copy) the epoch is another string, and
 * offsets of different epochs cannot be compared. Example: a client that saw {@code (k3x, 41)} and comes back to find the
 * room at {@code (k3x, 44)} has missed 42, 43 and 44; at {@code (p0q, 44)} nothing can be said of what it missed.
 *
 * @param epoch opaque, 1 to {@value #MAX_EPOCH_LENGTH} characters
 * @param offset place in the order; 0 stands before the first message
 */
public record Position(String epoch, long offset) {

    /** Longest epoch, in characters. */
    public static final int MAX_EPOCH_LENGTH = 32;

    /**
     * Checks both parts.
     *
     * @param epoch 1 to {@value #MAX_EPOCH_LENGTH} characters
     * @param offset not negative
     * @throws IllegalArgumentException if the epoch is empty or too long, or the offset negative
     */
    public Position {
        if (epoch.isEmpty() || epoch.length() > MAX_EPOCH_LENGTH) {
            throw new IllegalArgumentException("an epoch has 1 to " + MAX_EPOCH_LENGTH + " characters");
        }
        if (offset < 0) {
            throw new IllegalArgumentException("an offset is not negative: " + offset);
        }
    }

    /**
     * The place right behind this one, in the same epoch.
     *
     * @return offset + 1
     */
    public Position next() {
        return new Position(epoch, offset + 1);
    }

    /**
     * Whether both stand in one epoch, so that their offsets can be compared.
     *
     * @param other another position
     * @return true if the epochs are equal
     */
    public boolean comparableTo(Position other) {
        return epoch.equals(other.epoch);
    }
}
