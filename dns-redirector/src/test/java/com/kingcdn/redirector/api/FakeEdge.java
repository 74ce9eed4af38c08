package com.kingcdn.redirector.api;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.ControlJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An edge that takes what it is told at once, or, when paused, one write at a time and only when asked to. */
final class FakeEdge implements EventSink {

    private final List<String> writes = new CopyOnWriteArrayList<>();
    private volatile boolean paused;
    private volatile boolean broken;
    private volatile boolean ready = true;
    private volatile boolean open = true;
    private volatile boolean cut;
    private volatile Runnable onReady = () -> {};

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public void onReady(Runnable task) {
        onReady = task;
    }

    @Override
    public void write(List<byte[]> octets) {
        if (!ready) {
            throw new IllegalStateException("a second write while one is under way");
        }
        if (broken) {
            throw new OutOfMemoryError("as thrown when no buffer is to be had");
        }
        StringBuilder write = new StringBuilder();
        octets.forEach(each -> write.append(new String(each, StandardCharsets.UTF_8)));
        writes.add(write.toString());
        ready = !paused;
    }

    @Override
    public void end() {
        open = false;
    }

    @Override
    public void cut() {
        cut = true;
        open = false;
    }

    void breakDown() {
        broken = true;
    }

    void pause() {
        paused = true;
    }

    /** Takes what was written; the next write is not taken by itself. */
    void take() {
        ready = true;
        onReady.run();
    }

    void resume() {
        paused = false;
        take();
    }

    boolean isCut() {
        return cut;
    }

    int writes() {
        return writes.size();
    }

    int longestWrite() {
        return writes.stream().mapToInt(String::length).max().orElse(0);
    }

    List<ControlEvent> events() {
        List<ControlEvent> events = new ArrayList<>();
        for (String write : writes) {
            write.lines()
                    .filter(line -> line.startsWith("data:"))
                    .map(line -> ControlJson.mapper().readValue(line.substring(5), ControlEvent.class))
                    .forEach(events::add);
        }
        return events;
    }

    /** The identifiers of the numbered events, in the order they came. */
    List<Long> ids() {
        return writes.stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("id:"))
                .map(line -> Long.valueOf(line.substring(3)))
                .toList();
    }

    /** The numbers of the purges, in the order they came. */
    List<Long> purges() {
        return events().stream()
                .filter(ControlEvent.Purge.class::isInstance)
                .map(event -> ((ControlEvent.Purge) event).sequence())
                .toList();
    }
}
