package com.kingcdn.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.QuerySettings;
import com.kingcdn.topology.QuerySettings.Mode;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

/** What is made of queries (RFC 3986 section 3.4). */
class QueryRulesTest {

    private static String apply(Mode mode, List<String> names, boolean sort, String target) {
        return QueryRules.apply(new QuerySettings(mode, names, sort), target);
    }

    @Test
    void parametersAreKeptDroppedAllowedAndDenied() {
        assertThat(apply(Mode.KEEP, List.of(), false, "/a?b=1&a=2&&")).isEqualTo("/a?b=1&a=2&&");
        assertThat(apply(Mode.DROP, List.of(), false, "/a?b=1")).isEqualTo("/a");
        assertThat(apply(Mode.ALLOW, List.of("v"), false, "/a?x=1&v=2&v")).isEqualTo("/a?v=2&v");
        assertThat(apply(Mode.ALLOW, List.of("v"), false, "/a?x=1")).isEqualTo("/a");
        assertThat(apply(Mode.DENY, List.of("utm_*", "gclid"), false, "/a?utm_source=1&v=2&gclid=3&gclid2=4"))
                .isEqualTo("/a?v=2&gclid2=4");
        assertThat(apply(Mode.DENY, List.of("utm_*"), false, "/a")).isEqualTo("/a");
    }

    @Test
    void parametersOfOneNameStayInTheirOrder() {
        assertThat(apply(Mode.KEEP, List.of(), true, "/a?b=2&a=9&b=1&a=1")).isEqualTo("/a?a=9&a=1&b=2&b=1");
    }

    @Test
    void namesAreComparedAsTheyAreWritten() {
        assertThat(apply(Mode.ALLOW, List.of("v"), false, "/a?V=1&%76=2")).isEqualTo("/a");
    }

    @Property
    void appliedTwiceItIsAsOnce(
            @ForAll @StringLength(max = 24) @Chars({'a', 'b', '=', '&', '?', '%'}) String query,
            @ForAll Mode mode,
            @ForAll boolean sort) {
        List<String> names = mode == Mode.ALLOW || mode == Mode.DENY ? List.of("a*") : List.of();
        String once = apply(mode, names, sort, "/p?" + query);
        assertThat(apply(mode, names, sort, once)).isEqualTo(once);
        assertThat(once).startsWith("/p");
    }

    @Property
    void sortedQueriesDoNotDependOnTheOrder(
            @ForAll @CharRange(from = 'a', to = 'e') @StringLength(min = 2, max = 2) String names) {
        String one = names.charAt(0) + "=1";
        String other = names.charAt(1) + "=1";
        assertThat(apply(Mode.KEEP, List.of(), true, "/p?" + one + "&" + other))
                .isEqualTo(apply(Mode.KEEP, List.of(), true, "/p?" + other + "&" + one));
    }
}
