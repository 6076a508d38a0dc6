package dev.roomcast.bridge;

import dev.roomcast.testkit.BridgeContract;
import dev.roomcast.testkit.LateBridge;

/** The contract holds as well for a bridge that answers late and on other threads. */
class LateLocalBridgeTest extends BridgeContract {

    @Override
    protected Bridge create() {
        return new LateBridge(Bridge.local());
    }
}
