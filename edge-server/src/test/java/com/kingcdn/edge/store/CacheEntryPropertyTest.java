package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.BaseSubscriber;

/**
 * Readers, writers, evictions and purges of one entry in any order, against the content as a plain array: what a reader gets is right,
 * it gets all of it once upstream delivers, and every octet of memory comes back.
 */
class CacheEntryPropertyTest {

    private static final byte[] CONTENT = new byte[11 * Blocks.SIZE + 4321];

    static {
        new Random(42).nextBytes(CONTENT);
    }

    /** What happens next. */
    enum Action {
        READ,
        DEMAND,
        RELEASE,
        CANCEL,
        WRITE,
        FAIL,
        EVICT,
        PURGE
    }

    /** One step; what the numbers mean depends on the action. */
    record Step(Action action, int first, int second) {}

    @Provide
    Arbitrary<List<Step>> programs() {
        Arbitrary<Action> actions = Arbitraries.frequency(
                Tuple.of(4, Action.READ),
                Tuple.of(6, Action.DEMAND),
                Tuple.of(4, Action.RELEASE),
                Tuple.of(2, Action.CANCEL),
                Tuple.of(12, Action.WRITE),
                Tuple.of(1, Action.FAIL),
                Tuple.of(3, Action.EVICT),
                Tuple.of(1, Action.PURGE));
        Arbitrary<Integer> offsets = Arbitraries.integers().between(0, CONTENT.length - 1);
        return Combinators.combine(actions, offsets, offsets)
                .as(Step::new)
                .list()
                .ofMaxSize(120);
    }

    @Property(tries = 150)
    void readersGetTheContentWhateverHappens(@ForAll("programs") List<Step> program) {
        World world = new World();
        program.forEach(world::take);
        world.finish();
    }

    /** The entry, everybody around it, and an upstream that always has the content. */
    private static final class World {

        private final CacheStore store =
                CacheStore.open(DataSize.ofMegabytes(8), DiskTierSettings.of(null, DataSize.ofMegabytes(16)));
        private final List<Client> clients = new ArrayList<>();
        private final List<EntryWriter> writers = new ArrayList<>();
        private CacheEntry entry = newEntry();

        private CacheEntry newEntry() {
            HeaderFields fields = HeaderFields.of("etag", "\"one\"", "cache-control", "max-age=60");
            CacheKey key = new CacheKey("a1105", null, "/title");
            CacheEntry created = store.create(key, StoredResponse.of(200, fields, Variant.NONE, 0, 0), CONTENT.length);
            store.list(created, store.admit(key));
            return created;
        }

        void take(Step step) {
            switch (step.action()) {
                case READ ->
                    clients.add(new Client(
                            this, Math.min(step.first(), step.second()), Math.max(step.first(), step.second()) + 1));
                case DEMAND -> client(step.first()).request(1 + step.second() % 3);
                case RELEASE -> client(step.first()).releaseAll();
                case CANCEL -> client(step.first()).cancel();
                case WRITE -> write(writer(step.first()), 1 + step.second() % (2 * Blocks.SIZE));
                case FAIL -> fail(writer(step.first()));
                case EVICT -> store.memory().evictAll();
                case PURGE -> store.remove(entry.key());
            }
        }

        /** To be read by nobody, when there is none. */
        private Client client(int number) {
            return clients.isEmpty() ? new Client(this, 0, 0) : clients.get(number % clients.size());
        }

        private @Nullable EntryWriter writer(int number) {
            writers.removeIf(EntryWriter::isDone);
            return writers.isEmpty() ? null : writers.get(number % writers.size());
        }

        private static void write(@Nullable EntryWriter writer, int octets) {
            if (writer != null && writer.position() < writer.limit()) {
                int from = (int) writer.position();
                int count = Math.min(octets, CONTENT.length - from);
                ByteBuf buffer = Unpooled.wrappedBuffer(CONTENT, from, count);
                writer.write(buffer);
                buffer.release();
                if (writer.isDone()) {
                    writer.complete();
                }
            }
        }

        private void fail(@Nullable EntryWriter writer) {
            if (writer != null) {
                clients.forEach(client -> client.mayFail = true);
                writer.fail(new IllegalStateException("upstream broke off"));
            }
        }

        void bring(CacheEntry missing, int first, int end) {
            EntryWriter writer = missing.claim(first, end);
            if (writer != null) {
                writer.listen(new EntryWriter.Listener() {
                    @Override
                    public void moreWanted() {}

                    @Override
                    public void unwanted() {
                        writer.stop();
                    }
                });
                writers.add(writer);
            }
        }

        /** Everybody takes all, upstream delivers all. */
        void finish() {
            clients.forEach(client -> client.request(Long.MAX_VALUE));
            for (int round = 0; round < 100_000 && !clients.stream().allMatch(Client::isOver); round++) {
                clients.forEach(Client::releaseAll);
                write(writer(round), Blocks.SIZE / 3);
            }
            clients.forEach(Client::releaseAll);
            assertThat(clients).allSatisfy(Client::check);
            clients.forEach(Client::cancel);
            store.close();
            writers.forEach(EntryWriter::stop);
            store.remove(entry.key());
            assertThat(store.memoryBytes()).isZero();
        }
    }

    /** A reader of the entry that keeps what it is given until told otherwise. */
    private static final class Client extends BaseSubscriber<ByteBuf> {

        private final int from;
        private final int end;
        private final List<ByteBuf> unreleased = new ArrayList<>();
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
        private boolean cancelled;
        private boolean complete;
        private boolean failed;
        private boolean mayFail;

        Client(World world, int from, int end) {
            this.from = from;
            this.end = end;
            world.entry.read(from, end, world::bring).subscribe(this);
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // waits to be told
        }

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            unreleased.add(buffer);
        }

        void releaseAll() {
            while (!unreleased.isEmpty()) {
                ByteBuf buffer = unreleased.remove(0);
                byte[] copy = new byte[buffer.readableBytes()];
                buffer.getBytes(buffer.readerIndex(), copy);
                octets.writeBytes(copy);
                buffer.release();
            }
        }

        @Override
        protected void hookOnComplete() {
            complete = true;
        }

        @Override
        protected void hookOnError(Throwable failure) {
            failed = true;
        }

        @Override
        protected void hookOnCancel() {
            cancelled = true;
        }

        boolean isOver() {
            return complete || failed || cancelled;
        }

        void check() {
            byte[] got = octets.toByteArray();
            assertThat(Arrays.equals(got, Arrays.copyOfRange(CONTENT, from, from + got.length)))
                    .as("octets of %s to %s, %s of them", from, end, got.length)
                    .isTrue();
            assertThat(failed).isIn(false, mayFail);
            if (complete) {
                assertThat(got).hasSize(end - from);
            } else {
                assertThat(cancelled || failed)
                        .as("%d to %d has ended", from, end)
                        .isTrue();
            }
        }
    }
}
