package com.kingcdn.redirector.query;

import static com.kingcdn.redirector.query.Asking.CLIENT;
import static com.kingcdn.redirector.query.Asking.data;
import static com.kingcdn.redirector.query.Asking.query;
import static com.kingcdn.redirector.query.Asking.scope;
import static com.kingcdn.redirector.query.Asking.subnet;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.registry.Topologies;
import com.kingcdn.redirector.zone.ServingInputs;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import com.kingcdn.topology.AnswerSettings;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Distributions that share another's answers: one name has answers for each subnet, all others an alias for everybody. */
class SharedNameTest {

    private final ServingSnapshot snapshot = snapshot();
    private final QueryHandler handler = new QueryHandler(() -> snapshot, QueryLog.NONE);

    private static ServingSnapshot snapshot() {
        ServingInputs like = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        AnswerSettings shared = new AnswerSettings(0, null, "main");
        return ServingSnapshot.compile(new ServingInputs(
                like.zones(),
                List.of(
                        Topologies.distribution("main"),
                        Topologies.distribution("shop", shared, "video.netcinema.example", "netcinema.example")),
                like.clusters(),
                like.ttls(),
                like.places(),
                like.paths(),
                Set.of()));
    }

    private Message ask(byte[] query) throws IOException {
        return Asking.ask(handler, query, CLIENT, Transport.UDP);
    }

    /** RFC 7871 section 7.3.1: with a scope of 0 one answer is good for all clients. */
    @ParameterizedTest
    @ValueSource(ints = {Type.A, Type.AAAA, Type.HTTPS})
    void aResolverThatSendsSubnetsGetsAnAliasForAllOfThem_rfc7871_7_3_1(int type) throws IOException {
        for (String subnet : List.of("193.0.6.0", "203.0.113.0")) {
            Message answer = ask(query("Shop.kingcdn.example.", type, subnet(subnet, 24)));

            assertThat(answer.getSection(Section.ANSWER)).hasSize(1);
            assertThat(answer.getSection(Section.ANSWER).get(0).toString())
                    .isEqualToIgnoringCase("shop.kingcdn.example.\t1800\tIN\tCNAME\tmain.kingcdn.example.");
            assertThat(answer.getSection(Section.AUTHORITY)).isEmpty();
            assertThat(scope(answer)).isZero();
        }
    }

    @Test
    void whereThatLeadsHasAnswersForEachSubnet() throws IOException {
        Message inAsia = ask(query("main.kingcdn.example.", Type.A, subnet("203.0.113.0", 24)));
        assertThat(data(inAsia)).containsExactly("198.51.100.31");
        assertThat(scope(inAsia)).isPositive();
        assertThat(data(ask(query("main.kingcdn.example.", Type.A, subnet("193.0.6.0", 24)))))
                .hasSize(4)
                .allMatch(address -> address.startsWith("198.51.100.2"));
    }

    @Test
    void aCustomerHostLeadsThereByItsEdgeHostname() throws IOException {
        Message answer = ask(query("video.netcinema.example.", Type.A, subnet("203.0.113.0", 24)));
        assertThat(data(answer)).containsExactly("shop.kingcdn.example.", "main.kingcdn.example.");
        assertThat(scope(answer)).isZero();
    }

    @Test
    void whoSendsNoSubnetGetsAddressesAtOnce() throws IOException {
        assertThat(data(ask(query("shop.kingcdn.example.", Type.A)))).allMatch(data -> data.startsWith("198.51.100."));
        assertThat(data(ask(query("shop.kingcdn.example.", Type.A, subnet("0.0.0.0", 0)))))
                .as("and who wants none used")
                .allMatch(data -> data.startsWith("198.51.100."));
    }

    @Test
    void aClientOverHttpsGetsAddressesAtOnce() throws IOException {
        byte[] query = query("shop.kingcdn.example.", Type.A, subnet("203.0.113.0", 24));
        assertThat(data(Asking.ask(handler, query, CLIENT, Transport.HTTPS))).containsExactly("198.51.100.31");
    }

    /** RFC 1034 section 3.6.2. */
    @Test
    void noAliasStandsAtAnApex_rfc1034_3_6_2() throws IOException {
        Message atApex = ask(query("netcinema.example.", Type.A, subnet("203.0.113.0", 24)));
        assertThat(data(atApex)).containsExactly("198.51.100.31");
        assertThat(scope(atApex)).isPositive();
    }

    @Test
    void anExplanationSaysWhereItLeads() {
        IpPrefix client = IpPrefix.parse("203.0.113.0/24");
        assertThat(snapshot.explain("video.netcinema.example", client))
                .hasValueSatisfying(why -> assertThat(why.sharedName()).isEqualTo("main.kingcdn.example"));
        for (String name : List.of("main.kingcdn.example", "netcinema.example")) {
            assertThat(snapshot.explain(name, client))
                    .hasValueSatisfying(why -> assertThat(why.sharedName()).isNull());
        }
    }

    @Test
    void otherTypesAreDeniedAsEver() throws IOException {
        Message answer = ask(query("shop.kingcdn.example.", Type.TXT, subnet("203.0.113.0", 24)));
        assertThat(answer.getSection(Section.ANSWER)).isEmpty();
        assertThat(answer.getSection(Section.AUTHORITY)).hasSize(1);
    }
}
