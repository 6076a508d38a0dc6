package dev.roomcast;

/** Memory budgets for tests of single parts. */
final class Budgets {

    private Budgets() {}

    /** A budget that nothing in a test exceeds. */
    static MemoryBudget ample() {
        return new MemoryBudget(1L << 40, () -> {});
    }
}
