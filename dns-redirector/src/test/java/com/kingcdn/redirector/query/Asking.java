package com.kingcdn.redirector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** Queries and what is in their answers, in the words of dig. */
final class Asking {

    static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5353);

    private Asking() {}

    static Message ask(QueryHandler handler, byte[] query, InetSocketAddress client, Transport transport)
            throws IOException {
        Message answer = new Message(Objects.requireNonNull(handler.answer(query, client, transport)));
        assertThat(answer.getHeader().getID()).isEqualTo((query[0] & 0xff) << 8 | (query[1] & 0xff));
        return answer;
    }

    static byte[] query(String name, int type, EDNSOption... options) {
        Message message = plainQuery(name, type);
        message.addRecord(new OPTRecord(1232, 0, 0, 0, List.of(options)), Section.ADDITIONAL);
        return message.toWire();
    }

    static Message plainQuery(String name, int type) {
        return Message.newQuery(Record.newRecord(Name.fromConstantString(name), type, DClass.IN));
    }

    static ClientSubnetOption subnet(String address, int source) throws IOException {
        return new ClientSubnetOption(source, address(address));
    }

    static InetAddress address(String literal) throws UnknownHostException {
        return InetAddress.getByAddress(IpPrefix.parse(literal).address());
    }

    static @Nullable ClientSubnetOption option(Message answer) {
        return answer.getOPT().getOptions(EDNSOption.Code.CLIENT_SUBNET).stream()
                .map(ClientSubnetOption.class::cast)
                .findFirst()
                .orElse(null);
    }

    static int scope(Message answer) {
        return Objects.requireNonNull(option(answer)).getScopePrefixLength();
    }

    static List<String> data(Message answer) {
        return answer.getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .toList();
    }

    static String flags(Message answer) {
        return Stream.of(Flags.QR, Flags.AA, Flags.TC, Flags.RD, Flags.RA, Flags.AD, Flags.CD)
                .filter(flag -> answer.getHeader().getFlag(flag))
                .map(flag -> Flags.string(flag))
                .collect(java.util.stream.Collectors.joining(" "));
    }
}
