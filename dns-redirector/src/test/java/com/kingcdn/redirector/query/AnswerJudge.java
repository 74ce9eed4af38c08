package com.kingcdn.redirector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What holds of every answer, whatever was asked. dnsjava is the judge of what is well-formed, and of what the question was. */
public final class AnswerJudge {

    private final List<Name> zones;

    /** @param zones those that are served, in which all must lie that stands in additional sections */
    public AnswerJudge(List<Name> zones) {
        this.zones = zones;
    }

    /**
     * Holds an answer to what must be.
     *
     * @return the answer, for further looks
     * @throws AssertionError when it is not what it must be
     */
    public Message judge(byte[] query, byte[] answer, boolean datagram) {
        Message parsed = parse(query, answer);
        assertThat(parsed.getHeader().getFlag(Flags.QR)).isTrue();
        assertThat(parsed.getHeader().getID()).isEqualTo((query[0] & 0xff) << 8 | (query[1] & 0xff));
        assertThat(parsed.getHeader().getOpcode()).isEqualTo(query[2] >> 3 & 15);
        if (parsed.getHeader().getOpcode() == Opcode.QUERY) {
            // RFC 9619
            assertThat(parsed.getSection(Section.QUESTION).size()).isLessThanOrEqualTo(1);
        }
        if (datagram) {
            assertThat(answer.length).isLessThanOrEqualTo(limit(query));
        }
        for (Record record : parsed.getSection(Section.ADDITIONAL)) {
            int type = record.getType();
            assertThat(type == Type.OPT || type == Type.TSIG || isOurs(record.getName()))
                    .as("%s in the additional section", record)
                    .isTrue();
        }
        if (parsed.getHeader().getRcode() == Rcode.SERVFAIL) {
            assertThat(failures()).as("answers SERVFAIL after a defect").isZero();
        }
        return parsed;
    }

    private static Message parse(byte[] query, byte[] answer) {
        try {
            return new Message(answer);
        } catch (IOException e) {
            throw new AssertionError("malformed answer to " + HexFormat.of().formatHex(query), e);
        }
    }

    /** RFC 6891 section 6.2.5, and 1232 bytes at most; the same for messages that dnsjava cannot read. */
    private static int limit(byte[] query) {
        try {
            @Nullable OPTRecord options = new Message(query).getOPT();
            int asked = options == null ? ResponseSize.UDP_LEAST : options.getPayloadSize();
            return Math.max(ResponseSize.UDP_LEAST, Math.min(asked, ResponseSize.UDP_PAYLOAD));
        } catch (IOException e) {
            return ResponseSize.UDP_PAYLOAD;
        }
    }

    private boolean isOurs(Name name) {
        return zones.stream().anyMatch(name::subdomain);
    }

    private static double failures() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_failures_total");
    }
}
