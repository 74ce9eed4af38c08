package com.kingcdn.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class ForeignFunctionsTest {

    @Test
    void aFunctionIsCalledWhereJavaHasAWayTo_andElsewhereThereIsNone() throws Throwable {
        if (ForeignFunctions.areAvailable()) {
            long pid = (int)
                    ForeignFunctions.ofThisProcess().find("getpid", int.class).invokeExact();
            assertThat(pid).isEqualTo(ProcessHandle.current().pid());
        } else {
            assertThatThrownBy(ForeignFunctions::ofThisProcess).isInstanceOf(ReflectiveOperationException.class);
        }
    }

    @Test
    void aFunctionThatTheLibraryHasNot_isAnError() {
        assertThatThrownBy(() -> ForeignFunctions.ofThisProcess().find("no_such_function", int.class))
                .isInstanceOf(ReflectiveOperationException.class);
    }
}
