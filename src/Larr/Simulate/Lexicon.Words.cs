namespace Larr.Simulate;

sealed partial class Lexicon
{
    /// <summary>Words of dishes, cuisines and searches.</summary>
    const string Words = """
        spicy: spicy 1.2, warm 0.2
        hot: warm 0.8, spicy 0.2
        chilli: spicy 1.1
        pepper: spicy 0.6
        kimchi: spicy 0.7, healthy 0.2
        sichuan: spicy 0.9
        iced: warm -1.1, drink 0.3
        cold: warm -0.9
        frozen: warm -1.2, sweet 0.3
        chilled: warm -0.9
        warm: warm 0.9
        steaming: warm 1.0
        fresh: healthy 0.6, warm -0.2
        crispy: hearty 0.3, healthy -0.3
        creamy: gentle 0.4, hearty 0.3, healthy -0.2
        sweet: sweet 1.0
        sour: warm -0.2, spicy 0.2
        light: healthy 0.9, hearty -0.6
        healthy: healthy 1.2
        lean: healthy 0.8, meat 0.3
        hearty: hearty 1.1
        big: hearty 0.7, sharing 0.3
        rich: hearty 0.7, healthy -0.3
        cheap: cheap 1.2
        fancy: cheap -1.1, sharing 0.3
        quick: quick 1.2
        mild: gentle 1.0, spicy -0.7
        gentle: gentle 1.0
        fried: hearty 0.5, healthy -0.8, warm 0.3
        grilled: meat 0.4, night 0.3, warm 0.3
        charcoal: meat 0.4, night 0.4
        steamed: healthy 0.5, gentle 0.5, warm 0.4
        roast: meat 0.5, warm 0.4, hearty 0.4
        smoked: meat 0.4, hearty 0.2
        braised: warm 0.5, hearty 0.5
        slow: hearty 0.3, quick -0.8
        garlic: spicy 0.3, night 0.1
        honey: sweet 0.8
        ginger: warm 0.7, gentle 0.4
        sesame: staple 0.3
        soup: warm 1.0, gentle 0.5, hearty 0.2
        broth: warm 0.9, gentle 0.6
        stew: warm 0.9, hearty 0.8, quick -0.4
        hotpot: warm 1.0, sharing 1.1, spicy 0.4, quick -0.7
        noodles: staple 1.0, warm 0.2
        noodle: staple 1.0, warm 0.3
        ramen: staple 0.9, warm 0.8, hearty 0.3
        pho: staple 0.7, warm 0.7, healthy 0.3
        rice: staple 1.0, hearty 0.2
        bowl: quick 0.3, hearty 0.2
        bento: staple 0.6, quick 0.6
        porridge: gentle 1.1, warm 0.7, morning 0.6
        congee: gentle 1.1, warm 0.7, morning 0.5
        wonton: warm 0.5, gentle 0.4, staple 0.3
        dumplings: warm 0.5, staple 0.5, hearty 0.2
        dumpling: warm 0.5, staple 0.5, hearty 0.2
        buns: morning 0.6, quick 0.4, staple 0.3
        burger: quick 0.8, meat 0.6, hearty 0.6, healthy -0.5
        fries: quick 0.6, hearty 0.3, healthy -0.7, cheap 0.3
        pizza: sharing 0.8, hearty 0.6, healthy -0.4
        pasta: staple 0.7, hearty 0.5
        lasagne: hearty 0.8, staple 0.4
        salad: healthy 1.3, warm -0.4, hearty -0.4
        sandwich: quick 0.9, morning 0.3, cheap 0.2
        wrap: quick 0.8, healthy 0.2
        skewers: meat 0.6, night 0.9, sharing 0.4
        kebab: meat 0.7, night 0.7, quick 0.4
        curry: spicy 0.7, warm 0.6, hearty 0.5
        tacos: spicy 0.5, quick 0.4, sharing 0.3
        burrito: hearty 0.7, quick 0.5, spicy 0.2
        nachos: sharing 0.7, night 0.3, spicy 0.3
        sushi: seafood 0.9, healthy 0.5, warm -0.4, cheap -0.4
        sashimi: seafood 1.1, healthy 0.4, warm -0.6, cheap -0.6
        platter: sharing 1.0, cheap -0.3
        feast: sharing 1.2, hearty 0.6, cheap -0.3
        set: cheap 0.4, quick 0.3
        snack: quick 0.6, night 0.4, hearty -0.4
        cake: sweet 1.0, sharing 0.3
        cheesecake: sweet 1.0, cheap -0.2
        pudding: sweet 0.9, gentle 0.4
        tart: sweet 0.8, morning 0.1
        pie: sweet 0.4, hearty 0.5
        waffle: sweet 0.8, morning 0.5
        pancakes: sweet 0.6, morning 0.9
        dessert: sweet 1.1
        sorbet: sweet 0.8, warm -1.1
        sundae: sweet 0.9, warm -1.0
        gelato: sweet 0.9, warm -1.0
        ice: warm -1.0, sweet 0.3
        cream: sweet 0.4
        chocolate: sweet 1.0, hearty 0.1
        caramel: sweet 0.9
        vanilla: sweet 0.6
        mango: sweet 0.6, warm -0.4, healthy 0.2
        strawberry: sweet 0.6, healthy 0.2
        lemon: healthy 0.3, warm -0.4, drink 0.2
        berry: sweet 0.4, healthy 0.4
        coconut: sweet 0.4, warm -0.2
        apple: sweet 0.3, healthy 0.4
        tea: drink 0.7, gentle 0.2
        milk: drink 0.4, gentle 0.3, sweet 0.2
        bubble: sweet 0.5, drink 0.4
        coffee: coffee 1.2, drink 0.4, morning 0.3
        latte: coffee 1.0, drink 0.3, gentle 0.1
        espresso: coffee 1.3, quick 0.4
        cappuccino: coffee 1.0, morning 0.3
        juice: drink 0.8, healthy 0.6, warm -0.4
        smoothie: drink 0.7, healthy 0.6, sweet 0.3, warm -0.5
        lemonade: drink 0.9, warm -0.8, sweet 0.3
        beer: drink 0.8, night 0.8, sharing 0.4, warm -0.3
        cider: drink 0.8, night 0.5
        toast: morning 1.0, quick 0.4
        eggs: morning 1.0, gentle 0.1
        egg: morning 0.5
        omelette: morning 0.9, hearty 0.2
        bacon: morning 0.6, meat 0.6
        sausage: meat 0.6, morning 0.4
        granola: morning 0.8, healthy 0.8
        yoghurt: morning 0.5, healthy 0.6, gentle 0.3
        oat: morning 0.7, healthy 0.6, gentle 0.4
        croissant: morning 0.9, sweet 0.3, coffee 0.2
        muffin: morning 0.6, sweet 0.6
        bagel: morning 0.8, quick 0.4
        bread: morning 0.4, staple 0.3
        brunch: morning 0.8, sharing 0.4
        beef: meat 1.0, hearty 0.3
        pork: meat 0.9, hearty 0.3
        lamb: meat 1.0, warm 0.3
        duck: meat 0.8, cheap -0.3
        chicken: meat 0.6
        wings: meat 0.5, sharing 0.5, night 0.4
        ribs: meat 1.0, sharing 0.4, hearty 0.4
        steak: meat 1.2, cheap -0.7, hearty 0.4
        barbecue: meat 0.8, sharing 0.6, night 0.5
        meatball: meat 0.7, hearty 0.4
        fish: seafood 0.9, healthy 0.3
        salmon: seafood 0.9, healthy 0.4, cheap -0.3
        tuna: seafood 0.8, healthy 0.3
        prawn: seafood 1.0
        squid: seafood 0.9, night 0.2
        crab: seafood 1.1, cheap -0.5
        oyster: seafood 1.1, cheap -0.4, night 0.2
        lobster: seafood 1.1, cheap -0.9, sharing 0.2
        clam: seafood 0.9
        seafood: seafood 1.2
        tofu: healthy 0.8, gentle 0.3, meat -0.5
        vegetable: healthy 0.9, meat -0.6
        vegetarian: healthy 0.9, meat -0.9
        mushroom: healthy 0.5, meat -0.3
        spinach: healthy 0.8
        avocado: healthy 0.8, cheap -0.2
        quinoa: healthy 1.0, staple 0.2
        lentil: healthy 0.7, warm 0.3, meat -0.4
        bean: healthy 0.4, cheap 0.2
        tomato: healthy 0.3
        potato: hearty 0.4, staple 0.3
        cheese: hearty 0.5, healthy -0.2
        corn: staple 0.2, sweet 0.2
        pumpkin: gentle 0.5, sweet 0.2, warm 0.3
        family: sharing 0.9, cheap 0.2
        sharing: sharing 1.0
        party: sharing 1.1, night 0.3
        midnight: night 1.2
        late: night 1.0
        canteen: cheap 0.7, quick 0.5, staple 0.3
        house: hearty 0.1
        stand: quick 0.6, cheap 0.4
        steakhouse: meat 0.9, cheap -0.7, sharing 0.2
        bakery: morning 0.7, sweet 0.5
        diner: morning 0.6, hearty 0.4
        pub: night 0.7, drink 0.6, sharing 0.5
        fruit: healthy 0.5, sweet 0.3
        double: hearty 0.6
        butter: hearty 0.2
        chop: meat 0.3
        pea: healthy 0.4
        two: sharing 0.4
        share: sharing 0.9
        """;
}
