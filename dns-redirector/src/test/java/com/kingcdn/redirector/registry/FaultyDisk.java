package com.kingcdn.redirector.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk that can be made full, so that writes end half way, or broken, so that they are lost. */
final class FaultyDisk implements JournalFile.Disk {

    private volatile boolean full;
    private volatile boolean broken;
    private volatile boolean fullForNewFiles;
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    /** How many files have been opened so far. */
    int opened() {
        return opened.get();
    }

    /** How many of them are open. */
    int stillOpen() {
        return opened.get() - closed.get();
    }

    void fill() {
        full = true;
    }

    void fillForNewFiles() {
        fullForNewFiles = true;
    }

    void breakDown() {
        broken = true;
    }

    void heal() {
        full = false;
        broken = false;
        fullForNewFiles = false;
    }

    @Override
    public FileChannel open(Path path, OpenOption... options) throws IOException {
        FileChannel real = FileChannel.open(path, options);
        opened.incrementAndGet();
        return new Channel(real, fullForNewFiles && path.toString().endsWith(".new"));
    }

    private final class Channel extends FileChannel {

        private final FileChannel real;
        private final boolean alwaysFull;

        private Channel(FileChannel real, boolean alwaysFull) {
            this.real = real;
            this.alwaysFull = alwaysFull;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            if (!full && !alwaysFull) {
                return real.write(bytes);
            }
            int half = bytes.remaining() / 2;
            if (half == 0) {
                throw new IOException("No space left on device");
            }
            int written = real.write(bytes.slice(bytes.position(), half));
            bytes.position(bytes.position() + written);
            return written;
        }

        @Override
        public void force(boolean metadata) throws IOException {
            if (broken) {
                throw new IOException("Input/output error");
            }
            real.force(metadata);
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            real.truncate(size);
            return this;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            return real.read(into);
        }

        @Override
        public long position() throws IOException {
            return real.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            real.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        protected void implCloseChannel() throws IOException {
            closed.incrementAndGet();
            real.close();
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] bytes, int offset, int length) {
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
        public int read(ByteBuffer into, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer bytes, long position) {
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
