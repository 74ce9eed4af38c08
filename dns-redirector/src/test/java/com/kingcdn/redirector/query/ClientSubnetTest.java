package com.kingcdn.redirector.query;

import static com.kingcdn.redirector.query.Asking.address;
import static com.kingcdn.redirector.query.Asking.data;
import static com.kingcdn.redirector.query.Asking.option;
import static com.kingcdn.redirector.query.Asking.query;
import static com.kingcdn.redirector.query.Asking.scope;
import static com.kingcdn.redirector.query.Asking.subnet;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** EDNS Client Subnet (RFC 7871). */
class ClientSubnetTest {

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();
    private final QueryHandler handler = new QueryHandler(() -> snapshot, QueryLog.NONE);

    // ---- RFC 7871

    @Test
    void echoesTheSubnetWithAScope_rfc7871_7_2_1() throws IOException {
        Message answer = ask(query("a1105.kingcdn.example.", Type.A, subnet("193.0.6.0", 24)));
        ClientSubnetOption option = Objects.requireNonNull(option(answer));
        assertThat(option.getFamily()).isEqualTo(1);
        assertThat(option.getSourcePrefixLength()).isEqualTo(24);
        assertThat(option.getScopePrefixLength()).isEqualTo(21);
        assertThat(option.getAddress()).isEqualTo(address("193.0.6.0"));
    }

    @Test
    void choosesByAnIpv6Subnet_rfc7871_6() throws IOException {
        Message answer = ask(query("a1105.kingcdn.example.", Type.A, subnet("2001:db8:3::", 56)));
        assertThat(data(answer)).containsExactly("198.51.100.31");
        assertThat(scope(answer)).isEqualTo(48);
    }

    @Test
    void givesStaticAnswersScopeZero_rfc7871_7_2_1() throws IOException {
        for (String name : List.of("static.kingcdn.example.", "nothing.kingcdn.example.", "kingcdn.example.")) {
            assertThat(scope(ask(query(name, Type.A, subnet("193.0.6.0", 24)))))
                    .as(name)
                    .isZero();
        }
    }

    @Test
    void choosesByTheResolverWhenTheSourceIsZero_rfc7871_7_1_2() throws IOException {
        byte[] query = query("a1105.kingcdn.example.", Type.A, subnet("0.0.0.0", 0));
        Message answer = Asking.ask(handler, query, new InetSocketAddress(address("127.0.3.9"), 5353), Transport.UDP);
        assertThat(data(answer)).containsExactly("198.51.100.31");
        assertThat(Objects.requireNonNull(option(answer)).getSourcePrefixLength())
                .isZero();
        assertThat(scope(answer)).isZero();
    }

    @Test
    void choosesByTheResolverWithoutAnOptionAndSendsNone_rfc7871_7_2_1() throws IOException {
        byte[] query = query("a1105.kingcdn.example.", Type.A);
        Message answer = Asking.ask(handler, query, new InetSocketAddress(address("127.0.3.9"), 5353), Transport.UDP);
        assertThat(data(answer)).containsExactly("198.51.100.31");
        assertThat(option(answer)).isNull();
        assertThat(answer.getOPT()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"100.64.0.0, 24", "1.2.3.0, 24", "8.0.0.0, 8", "2a00::, 56"})
    void givesAScopeAlsoToClientsWhosePlaceIsUnknown_rfc7871_7_2_1(String address, int source) throws IOException {
        Message answer = ask(query("a1105.kingcdn.example.", Type.A, subnet(address, source)));
        assertThat(answer.getSection(Section.ANSWER)).isNotEmpty();
        assertThat(scope(answer)).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0001180008080880", // an address longer than its length
                "00011800080808ff08", // the same
                "000114000808ff", // bits set past the length
                "00012100080808080a", // longer than IPv4
                "0002810020010db8", // longer than IPv6
                "0003180008080a", // no family that there is
                "00011801080808", // a scope in a query
                "000118000808", // an address shorter than its length
                "000118" // no whole option
            })
    void refusesAMalformedSubnet_rfc7871_7_2_1(String option) throws IOException {
        byte[] query = query(
                "a1105.kingcdn.example.",
                Type.A,
                new GenericEDNSOption(8, HexFormat.of().parseHex(option)));
        Message answer = ask(query);
        assertThat(answer.getRcode()).isEqualTo(Rcode.FORMERR);
        assertThat(answer.getOPT()).isNotNull();
        assertThat(option(answer)).isNull();
    }

    private Message ask(byte[] query) throws IOException {
        return Asking.ask(handler, query, Asking.CLIENT, Transport.UDP);
    }
}
