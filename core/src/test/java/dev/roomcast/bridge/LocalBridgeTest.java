package dev.roomcast.bridge;

import dev.roomcast.testkit.BridgeContract;

/** The local bridge keeps the contract. */
class LocalBridgeTest extends BridgeContract {

    @Override
    protected Bridge create() {
        return Bridge.local();
    }
}
