package dev.roomcast;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.testkit.AbsenceContract;

/** The bridge of the tests keeps the contract of one whose backend can be away. */
class AwayBridgeTest extends AbsenceContract {

    private final AwayBridge away = new AwayBridge();

    @Override
    protected Bridge create() {
        return away;
    }

    @Override
    protected void loseBackend() {
        away.goesAway();
    }

    @Override
    protected void findBackend() {
        away.comesBack();
    }
}
