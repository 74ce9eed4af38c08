package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.xbill.DNS.Name;

/** The map against the library's, over many changes, each copy looked at when others have come of it. */
final class NameMapPropertyTest {

    private static Name name(int number) {
        return Names.of("h" + number + ".kingcdn.example.");
    }

    @Property(tries = 60)
    void isAMapAndItsCopiesStayAsTheyAre(
            @ForAll List<@IntRange(min = -600, max = 600) Integer> changes, @ForAll @IntRange(max = 3_000) int many) {
        NameMap.Editor<Integer> begin = NameMap.<Integer>empty().edit();
        Map<Name, Integer> model = new HashMap<>();
        for (int i = 0; i < many; i++) {
            begin.put(name(i), i);
            model.put(name(i), i);
        }
        NameMap<Integer> map = begin.done();
        List<NameMap<Integer>> copies = new ArrayList<>(List.of(map));
        List<Map<Name, Integer>> models = new ArrayList<>(List.of(Map.copyOf(model)));
        for (int change : changes) {
            NameMap.Editor<Integer> editor = map.edit();
            if (change < 0) {
                editor.remove(name(-change));
                model.remove(name(-change));
            } else {
                editor.put(name(change), -change);
                model.put(name(change), -change);
            }
            map = editor.done();
            copies.add(map);
            models.add(Map.copyOf(model));
        }
        for (int i = 0; i < copies.size(); i += Math.max(1, copies.size() / 5)) {
            NameMap<Integer> copy = copies.get(i);
            assertThat(copy.size()).isEqualTo(models.get(i).size());
            assertThat(copy.names())
                    .containsExactlyInAnyOrderElementsOf(models.get(i).keySet());
            models.get(i).forEach((name, value) -> assertThat(copy.get(name)).isEqualTo(value));
            assertThat(copy.get(name(99_999))).isNull();
        }
    }
}
