package com.example.loadtest;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** The results of one round that are sound. */
final class Round {

    private final Map<Load, Map<Contender, Result>> results = new EnumMap<>(Load.class);

    void put(Load load, Contender contender, Result result) {
        results.computeIfAbsent(load, first -> new EnumMap<>(Contender.class)).put(contender, result);
    }

    Optional<Result> get(Load load, Contender contender) {
        return Optional.ofNullable(results.getOrDefault(load, Map.of()).get(contender));
    }

    /** One number by another; empty if either is missing. */
    OptionalDouble ratio(
            ToDoubleFunction<Result> of, Load load, Contender contender, Load otherLoad, Contender otherContender) {
        Optional<Result> above = get(load, contender);
        Optional<Result> below = get(otherLoad, otherContender);
        return above.isEmpty() || below.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(of.applyAsDouble(above.get()) / of.applyAsDouble(below.get()));
    }
}
