package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalLogTest {

    @Test
    void aFloodGetsALineASecondThatCountsTheOthers() {
        Logger logger = (Logger) LoggerFactory.getLogger(RefusalLogTest.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.setAdditive(false);
        logger.addAppender(lines);
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
        RefusalLog log = new RefusalLog(logger, clock::get);

        for (int i = 0; i < 2_500; i++) {
            log.refused("update " + i, "BADKEY");
            clock.addAndGet(1_000_000);
        }

        assertThat(lines.list)
                .map(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "refused: update 0: BADKEY",
                        "refused: update 1000: BADKEY, and 999 more before",
                        "refused: update 2000: BADKEY, and 999 more before");
    }
}
