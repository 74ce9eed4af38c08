package com.kingcdn.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Files that fail or are slow when told to; a write that fails has written half of what it should. */
final class FailingDisk implements SegmentFiles.ChannelOpener {

    volatile boolean writesFail;
    volatile boolean readsFail;
    volatile boolean readsRunOutOfMemory;
    volatile boolean writesRunOutOfMemory;
    volatile long writesTakeMillis;
    volatile long readsTakeMillis;

    /** Each read beyond a segment's preamble takes one; any number when null. */
    volatile @Nullable Semaphore reads;

    @Override
    public FileChannel open(Path path, Set<? extends OpenOption> options) throws IOException {
        return new Channel(FileChannel.open(path, options));
    }

    private final class Channel extends FileChannel {

        private final FileChannel real;

        Channel(FileChannel real) {
            this.real = real;
        }

        private void beforeRead(long position) throws IOException {
            Semaphore permits = reads;
            if (permits != null && position > 0) {
                permits.acquireUninterruptibly();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(readsTakeMillis));
            if (readsFail) {
                throw new IOException("Input/output error");
            }
            if (readsRunOutOfMemory) {
                throw new OutOfMemoryError("Cannot reserve direct buffer memory");
            }
        }

        private void beforeWrite() throws IOException {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(writesTakeMillis));
            if (writesFail) {
                throw new IOException("No space left on device");
            }
            if (writesRunOutOfMemory) {
                throw new OutOfMemoryError("Cannot reserve direct buffer memory");
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            beforeRead(position);
            return real.read(target, position);
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            if (writesFail) {
                real.write(source.duplicate().limit(source.position() + source.remaining() / 2), position);
            }
            beforeWrite();
            return real.write(source, position);
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            beforeWrite();
            return real.truncate(size);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            beforeWrite();
            real.force(metadata);
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }

        @Override
        public int read(ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
