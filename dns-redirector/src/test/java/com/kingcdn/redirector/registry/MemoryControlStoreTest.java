package com.kingcdn.redirector.registry;

final class MemoryControlStoreTest extends ControlStoreContract {

    @Override
    ControlStore store() {
        return new MemoryControlStore();
    }
}
