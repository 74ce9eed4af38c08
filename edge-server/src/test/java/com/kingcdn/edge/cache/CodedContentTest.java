package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.coding.ContentCoding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Whose octets are released when nobody wants what is made of them. */
class CodedContentTest {

    /** At least one for each thread, which are given tasks in turn. */
    private static final int TASKS = 2 * Schedulers.DEFAULT_POOL_SIZE;

    private final Sinks.Many<ByteBuf> content = Sinks.many().unicast().onBackpressureBuffer();
    private final CountDownLatch busy = new CountDownLatch(1);

    /** Keeps all threads that code from doing so. */
    @BeforeEach
    void takeThreads() {
        for (int i = 0; i < TASKS; i++) {
            Schedulers.parallel().schedule(() -> {
                try {
                    busy.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    /** Has them go on, and waits until they have done all there is. */
    @AfterEach
    void giveThreadsBack() throws InterruptedException {
        busy.countDown();
        CountDownLatch idle = new CountDownLatch(TASKS);
        for (int i = 0; i < TASKS; i++) {
            Schedulers.parallel().schedule(idle::countDown);
        }
        assertThat(idle.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private Disposable code() {
        return new CodedContent(content.asFlux(), ContentCoding.GZIP).subscribe(ByteBuf::release);
    }

    private ByteBuf emit() {
        ByteBuf octets = Unpooled.copiedBuffer("a few words".repeat(50), StandardCharsets.US_ASCII);
        assertThat(content.tryEmitNext(octets)).isEqualTo(Sinks.EmitResult.OK);
        return octets;
    }

    @Test
    void whatWaitsForAThreadIsReleasedWhenItIsGivenUp() throws InterruptedException {
        Disposable coding = code();
        ByteBuf octets = emit();
        assertThat(octets.refCnt()).isOne();

        coding.dispose();
        giveThreadsBack();
        assertThat(octets.refCnt()).isZero();
    }

    @Test
    void whatComesMeanwhileIsReleasedToo() throws InterruptedException {
        Disposable coding = code();
        ByteBuf first = emit();
        ByteBuf second = emit();
        coding.dispose();
        giveThreadsBack();
        assertThat(first.refCnt()).isZero();
        assertThat(second.refCnt()).isZero();
    }

    @Test
    void whatIsCodedIsReleased() throws InterruptedException {
        code();
        ByteBuf first = emit();
        ByteBuf second = emit();
        assertThat(content.tryEmitComplete()).isEqualTo(Sinks.EmitResult.OK);
        giveThreadsBack();
        await().atMost(Duration.ofSeconds(20)).until(() -> first.refCnt() + second.refCnt() == 0);
    }
}
