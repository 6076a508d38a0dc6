package com.example.loadtest;

import java.util.List;
import java.util.Optional;

/** The loads of a comparison, in the order in which they are measured: a later one may need the result of an earlier one. */
enum Load {
    ONE("1 in flight", List.of(Contender.values())) {
        @Override
        Optional<Plan> plan(Plan base, Round round) {
            return Optional.of(base.rooms(1, base.connections()).v1(false).inFlight(1));
        }
    },
    MANY("32 in flight", List.of(Contender.values())) {
        @Override
        Optional<Plan> plan(Plan base, Round round) {
            return Optional.of(base.rooms(1, base.connections()).v1(false).inFlight(32));
        }
    },
    MANY_V1("32 in flight, roomcast.v1", List.of(Contender.ROOMCAST)) {
        @Override
        Optional<Plan> plan(Plan base, Round round) {
            return Optional.of(base.rooms(1, base.connections()).v1(true).inFlight(32));
        }
    },
    HALF("half of Roomcast's top rate", List.of(Contender.ROOMCAST, Contender.NIO)) {
        @Override
        Optional<Plan> plan(Plan base, Round round) {
            return round.get(MANY, Contender.ROOMCAST)
                    .map(top ->
                            base.rooms(1, base.connections()).v1(false).rate(top.perSecond() / base.connections() / 2));
        }
    },
    ROOMS("rooms of 10, 1 in flight", List.of(Contender.ROOMCAST)) {
        @Override
        Optional<Plan> plan(Plan base, Round round) {
            return Optional.of(base.rooms(base.connections(), 10).v1(false).inFlight(1));
        }
    };

    private final String title;
    private final List<Contender> contenders;

    Load(String title, List<Contender> contenders) {
        this.title = title;
        this.contenders = contenders;
    }

    String title() {
        return title;
    }

    List<Contender> contenders() {
        return contenders;
    }

    /** What is done; nothing if an earlier result is missing. */
    abstract Optional<Plan> plan(Plan base, Round round);
}
