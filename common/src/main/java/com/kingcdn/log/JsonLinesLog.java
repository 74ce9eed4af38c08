package com.kingcdn.log;

import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * A log of JSON objects, one a line, to a file or to standard output.
 *
 * <p>{@link #write} never blocks and never wakes a thread: it puts the line into a bounded queue, and one background thread takes what
 * has gathered every {@value #PAUSE_MILLIS} ms, formats it and writes it in one piece. When the queue is full, because the device is
 * slower than the traffic, the line is dropped and counted: a log must not slow down what it tells about. A file that was renamed or
 * removed (log rotation) is made anew within a second.
 */
public final class JsonLinesLog implements AutoCloseable {

    /** The target that means standard output. */
    public static final String STANDARD_OUTPUT = "-";

    private static final Logger LOG = LoggerFactory.getLogger(JsonLinesLog.class);
    private static final int PAUSE_MILLIS = 50;
    private static final int CLOSE_MILLIS = 2_000;
    private static final int BATCH_BYTES = 64 * 1024;

    private final Queue<LogLine> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final int queueLimit;
    private final LogSink sink;
    private final Thread writer;
    private final JsonFactory json =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();
    private volatile boolean closed;
    private boolean failing;

    JsonLinesLog(LogSink sink, int queueLimit) {
        if (queueLimit < 1) {
            throw new IllegalArgumentException("queue limit " + queueLimit + " must be at least 1");
        }
        this.sink = sink;
        this.queueLimit = queueLimit;
        this.writer = new Thread(this::run, "json-lines-log");
        this.writer.setDaemon(true);
    }

    /**
     * Opens the log and starts its thread.
     *
     * @param target a file, appended to, or {@value #STANDARD_OUTPUT}
     * @param queueLimit how many lines may wait to be written, at least 1
     * @throws IOException when the file cannot be opened for writing
     */
    public static JsonLinesLog open(String target, int queueLimit) throws IOException {
        LogSink sink = target.equals(STANDARD_OUTPUT)
                ? LogSink.stream(new FileOutputStream(FileDescriptor.out))
                : LogSink.file(Path.of(target));
        JsonLinesLog log = new JsonLinesLog(sink, queueLimit);
        log.start();
        return log;
    }

    void start() {
        writer.start();
    }

    /**
     * Takes the line to be written soon, or drops it when the queue is full or the log is closed. Safe from every thread.
     *
     * @return whether it was taken
     */
    public boolean write(LogLine line) {
        if (closed || queued.get() >= queueLimit) {
            dropped.increment();
            return false;
        }
        queued.incrementAndGet();
        queue.add(line);
        return true;
    }

    /** How many lines were lost since the start: queue full, or the device refused them. */
    public long dropped() {
        return dropped.sum();
    }

    /** Writes what was taken before, for two seconds at most, and closes the target. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        ByteArrayOutputStream batch = new ByteArrayOutputStream(2 * BATCH_BYTES);
        try (sink) {
            boolean last;
            do {
                last = closed;
                while (!queue.isEmpty()) {
                    batch.reset();
                    flush(batch, fill(batch));
                }
                if (!last) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
                }
            } while (!last);
        } catch (IOException e) {
            LOG.warn("closing the access log failed: {}", e.toString());
        }
    }

    /** Formats waiting lines until there are none or the batch is large enough; how many. */
    private int fill(ByteArrayOutputStream batch) {
        int lines = 0;
        LogLine line;
        while (batch.size() < BATCH_BYTES && (line = queue.poll()) != null) {
            queued.decrementAndGet();
            try {
                format(line, batch);
                lines++;
            } catch (RuntimeException e) {
                dropped.increment();
                LOG.error("a log line cannot be written as JSON", e);
            }
        }
        return lines;
    }

    private void format(LogLine line, ByteArrayOutputStream batch) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator generator = json.createGenerator(ObjectWriteContext.empty(), bytes)) {
            generator.writeStartObject();
            line.writeProperties(generator);
            generator.writeEndObject();
        }
        // only whole lines reach the batch: a line that threw leaves no torn JSON
        bytes.write('\n');
        batch.writeBytes(bytes.toByteArray());
    }

    private void flush(ByteArrayOutputStream batch, int lines) {
        try {
            OutputStream stream = sink.open();
            batch.writeTo(stream);
            stream.flush();
            if (failing) {
                failing = false;
                LOG.info("the access log is written again");
            }
        } catch (IOException e) {
            dropped.add(lines);
            if (!failing) {
                failing = true;
                LOG.error(
                        "the access log cannot be written; its lines are dropped and counted until it can: {}",
                        e.toString());
            }
        }
    }
}
