package com.kingcdn.foreign;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.util.Optional;

/**
 * The C library's functions of numbers as method handles, by whichever Foreign Function API this Java has: the one of Java 22 and later
 * (JEP 454), or the one that incubated in Java 17 (JEP 412), where its module was added. Found by reflection, so that the same
 * classes run without either.
 */
public final class ForeignFunctions {

    private static final String INCUBATOR = "jdk.incubator.foreign";
    private static final int FIRST_JAVA = 22;
    private static final int INCUBATING_JAVA = 17;

    private final boolean incubates;
    private final Object linker;
    private final Object symbols;

    private ForeignFunctions(boolean incubates) throws ReflectiveOperationException {
        this.incubates = incubates;
        if (incubates) {
            linker = type("CLinker").getMethod("getInstance").invoke(null);
            symbols = type("CLinker").getMethod("systemLookup").invoke(null);
        } else {
            linker = type("Linker").getMethod("nativeLinker").invoke(null);
            symbols = type("Linker").getMethod("defaultLookup").invoke(linker);
        }
    }

    /** Whether this Java has such an API. */
    public static boolean areAvailable() {
        int java = Runtime.version().feature();
        return java >= FIRST_JAVA
                || (java == INCUBATING_JAVA
                        && ModuleLayer.boot().findModule(INCUBATOR).isPresent());
    }

    /**
     * Those of this process.
     *
     * @throws ReflectiveOperationException when the API is not there, or may not be used
     */
    public static ForeignFunctions ofThisProcess() throws ReflectiveOperationException {
        if (!areAvailable()) {
            // 19 to 21 would give their previews of it, which nobody has switched on
            throw new ClassNotFoundException("no Foreign Function API in Java " + Runtime.version());
        }
        return new ForeignFunctions(Runtime.version().feature() == INCUBATING_JAVA);
    }

    /**
     * A function that takes and returns numbers.
     *
     * @param result {@code int} or {@code long}, which is pointers too; likewise the parameters
     * @throws ReflectiveOperationException when there is no such function
     */
    public MethodHandle find(String name, Class<?> result, Class<?>... parameters) throws ReflectiveOperationException {
        Object symbol = ((Optional<?>) type("SymbolLookup")
                        .getMethod(incubates ? "lookup" : "find", String.class)
                        .invoke(symbols, name))
                .orElseThrow(() -> new NoSuchMethodException("the C library has no " + name));
        Object layouts = Array.newInstance(type("MemoryLayout"), parameters.length);
        for (int i = 0; i < parameters.length; i++) {
            Array.set(layouts, i, layout(parameters[i]));
        }
        Object descriptor = type("FunctionDescriptor")
                .getMethod("of", type("MemoryLayout"), layouts.getClass())
                .invoke(null, layout(result), layouts);
        if (incubates) {
            return (MethodHandle) type("CLinker")
                    .getMethod("downcallHandle", type("Addressable"), MethodType.class, type("FunctionDescriptor"))
                    .invoke(linker, symbol, MethodType.methodType(result, parameters), descriptor);
        }
        Object none = Array.newInstance(type("Linker$Option"), 0);
        return (MethodHandle) type("Linker")
                .getMethod("downcallHandle", type("MemorySegment"), type("FunctionDescriptor"), none.getClass())
                .invoke(linker, symbol, descriptor, none);
    }

    private Object layout(Class<?> number) throws ReflectiveOperationException {
        boolean isLong = number == long.class;
        return incubates
                ? type("CLinker").getField(isLong ? "C_LONG" : "C_INT").get(null)
                : type("ValueLayout")
                        .getField(isLong ? "JAVA_LONG" : "JAVA_INT")
                        .get(null);
    }

    private Class<?> type(String name) throws ClassNotFoundException {
        return Class.forName((incubates ? INCUBATOR : "java.lang.foreign") + '.' + name);
    }
}
