package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.util.function.IntConsumer;

/**
 * A window on direct memory that tells when its last reference has gone.
 *
 * <p>The pool's own buffers cannot be kept in a shared table: once freed, the very same object comes back as somebody else's memory,
 * so a late {@code retain} would succeed on wrong bytes. An object of this class is used once; {@code retain} fails for good after
 * the last release, which makes "retain, or it is a miss" safe without a lock.
 */
final class BlockBuffer extends UnpooledDirectByteBuf {

    private final ByteBuf memory;
    private final int offset;
    private final long address;
    private final IntConsumer freed;

    private BlockBuffer(ByteBuf memory, int offset, int length, IntConsumer freed) {
        super(memory.alloc(), memory.nioBuffer(offset, length), length);
        this.memory = memory;
        this.offset = offset;
        this.address = memory.hasMemoryAddress() ? memory.memoryAddress() + offset : 0;
        this.freed = freed;
    }

    /**
     * Covers these octets, all of them readable.
     *
     * @param memory direct; its reference passes to the new buffer
     * @param freed is told how many octets, after the last release, by who did that
     */
    static BlockBuffer of(ByteBuf memory, int offset, int length, IntConsumer freed) {
        return new BlockBuffer(memory, offset, length, freed);
    }

    @Override
    public boolean hasMemoryAddress() {
        return address != 0;
    }

    @Override
    public long memoryAddress() {
        if (address == 0) {
            throw new UnsupportedOperationException();
        }
        return address;
    }

    /** By the memory itself, which needs no window of its own for it. */
    @Override
    public ByteBuf setBytes(int index, ByteBuf source, int sourceIndex, int length) {
        checkIndex(index, length);
        memory.setBytes(offset + index, source, sourceIndex, length);
        return this;
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        memory.release();
        freed.accept(capacity());
    }
}
