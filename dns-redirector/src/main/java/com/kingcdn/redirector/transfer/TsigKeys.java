package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.KeySource;
import com.kingcdn.redirector.zone.ZoneFile;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.TSIG;

/** The keys that are shared with other servers, by name. */
final class TsigKeys {

    private final Map<Name, TSIG> keys = new HashMap<>();

    TsigKeys(List<KeySource> sources) {
        for (KeySource source : sources) {
            Name name = ZoneFile.name(source.name());
            Name algorithm = source.algorithm().equals("hmac-md5") ? TSIG.HMAC_MD5 : ZoneFile.name(source.algorithm());
            keys.put(name, new TSIG(algorithm, name, Base64.getDecoder().decode(source.secret())));
        }
    }

    @Nullable
    TSIG find(Name name) {
        return keys.get(name);
    }

    /** @param name as configured, or null for none */
    @Nullable
    TSIG find(@Nullable String name) {
        return name == null ? null : keys.get(ZoneFile.name(name));
    }
}
