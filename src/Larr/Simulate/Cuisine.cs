namespace Larr.Simulate;

/// <summary>A kind of shop: its category in words, how such shops are called, and the dishes they may serve.</summary>
sealed record Cuisine(string Category, string[] Nouns, string[] Dishes)
{
    /// <summary>Category | nouns | dishes. Our own text.</summary>
    public static IReadOnlyList<Cuisine> All { get; } = Parse("""
        noodle house|Noodle House,Noodle Bar,Noodle Kitchen|spicy beef noodles,sesame noodles,pork noodle soup,vegetable noodle soup,braised beef noodles,cold sesame noodles,garlic prawn noodles,chilli pork noodles,mushroom noodles,wonton noodle soup
        hotpot restaurant|Hotpot House,Hotpot,Hotpot Garden|sichuan hotpot,mild mushroom hotpot,lamb hotpot,seafood hotpot,spicy beef hotpot,tomato hotpot,hotpot for sharing,tofu hotpot,kimchi hotpot
        barbecue grill|Grill,Barbecue,Charcoal Grill|lamb skewers,charcoal chicken wings,grilled pork ribs,spicy beef skewers,grilled squid,barbecue platter,garlic oyster,grilled corn,sausage skewers,barbecue feast
        burger bar|Burgers,Burger Bar,Burger Shack|cheese burger,double beef burger,chicken burger,bacon burger,spicy chicken burger,potato fries,vegetarian bean burger,burger set with fries,mushroom burger
        pizza kitchen|Pizza,Pizzeria,Pizza Kitchen|tomato cheese pizza,sausage pizza,seafood pizza,mushroom pizza,spicy beef pizza,family pizza platter,spinach lasagne,creamy chicken pasta,garlic bread
        sushi bar|Sushi,Sushi Bar,Sushi House|salmon sushi,tuna sashimi,avocado sushi,prawn sushi,sashimi platter,salmon rice bowl,sushi bento,crab sushi,egg sushi
        ramen shop|Ramen,Ramen Shop,Ramen Counter|pork ramen,spicy beef ramen,chicken ramen,seafood ramen,garlic ramen,vegetable ramen,kimchi ramen,midnight ramen set
        curry kitchen|Curry House,Curry Kitchen,Spice Kitchen|chicken curry,lamb curry,lentil curry,spicy prawn curry,vegetable curry,coconut fish curry,curry rice set,mild pumpkin curry,beef curry
        taco stand|Tacos,Cantina,Taco Stand|beef tacos,fish tacos,chicken burrito,bean burrito,cheese nachos,spicy pork tacos,nachos for sharing,avocado wrap,chilli beef bowl
        coffee house|Coffee,Coffee House,Coffee Roasters|espresso,milk latte,cappuccino,iced coffee,vanilla latte,iced latte,caramel latte,oat milk latte,chocolate muffin,fresh croissant
        milk tea shop|Milk Tea,Tea Shop,Bubble Tea|bubble milk tea,iced lemon tea,mango milk tea,hot ginger tea,strawberry milk tea,coconut milk tea,chocolate milk tea,honey lemon tea,caramel bubble tea
        bakery|Bakery,Bakehouse,Bread Company|fresh croissant,cheese bread,sausage bread,berry muffin,chocolate cake,apple pie,egg sandwich,lemon tart,garlic bread,strawberry cake
        dessert parlour|Desserts,Sweet Parlour,Dessert House|mango pudding,chocolate cake,berry cheesecake,strawberry tart,coconut pudding,caramel pudding,warm chocolate pudding,honey waffle,sesame pudding
        ice cream parlour|Ice Cream,Gelato,Ice Cream Parlour|vanilla ice cream,chocolate sundae,mango sorbet,strawberry gelato,lemon sorbet,coconut ice cream,caramel sundae,berry sorbet
        salad bar|Salads,Salad Bar,Green Kitchen|chicken salad,avocado salad,tuna salad,quinoa bowl,lentil salad,spinach wrap,salmon salad,light vegetable soup,fresh tofu salad
        juice bar|Juice Bar,Juices,Smoothie Bar|fresh apple juice,mango smoothie,berry smoothie,lemonade,spinach juice,ginger apple juice,avocado smoothie,coconut juice,iced lemonade
        breakfast diner|Diner,Breakfast Club,Morning Diner|bacon and eggs,pancakes with honey,cheese omelette,egg toast,sausage and eggs,berry granola,bagel with salmon,big breakfast set,brunch platter
        porridge shop|Porridge,Congee House,Porridge Shop|rice porridge,chicken congee,fish congee,pumpkin porridge,oat porridge,egg congee,steamed buns,lean pork congee,sweet bean porridge
        dumpling house|Dumplings,Dumpling House,Dumpling Kitchen|pork dumplings,prawn dumplings,vegetable dumplings,steamed dumplings,fried dumplings,wonton soup,steamed pork buns,spicy wonton,beef dumplings
        seafood restaurant|Seafood,Fish House,Oyster Bar|grilled fish,steamed crab,garlic prawn,oyster platter,lobster feast,fried squid,clam soup,fish stew,seafood rice
        steakhouse|Steakhouse,Steak Room,Chop House|beef steak,pepper steak,steak with fries,lamb steak,roast beef platter,barbecue ribs,salmon steak,steak for sharing,mushroom steak
        fried chicken shop|Fried Chicken,Chicken Shop,Wings|fried chicken,spicy chicken wings,honey chicken wings,chicken wrap,chicken fries set,family chicken feast,crispy chicken burger,garlic chicken wings
        rice canteen|Rice Bowls,Canteen,Rice Kitchen|chicken rice bowl,beef rice bowl,fried rice,braised pork rice,egg fried rice,tofu rice bowl,roast duck rice,bento set,cheap rice set
        vegetarian kitchen|Vegetarian,Garden Kitchen,Green Table|tofu stew,vegetable rice bowl,mushroom soup,lentil soup,vegetable dumplings,pumpkin soup,bean stew,tomato pasta,avocado toast
        kebab stand|Kebab,Kebab Stand,Doner|lamb kebab,chicken kebab,kebab wrap,spicy beef kebab,kebab with fries,late night kebab,vegetable wrap,kebab platter
        pho kitchen|Pho,Pho Kitchen,Rice Paper|beef pho,chicken pho,fresh prawn wrap,pork rice bowl,lemon tea,vegetable pho,spicy beef pho,iced milk coffee
        pub|Pub,Arms,Tavern|fish with fries,beef pie,cold beer,cider,chicken wings,cheese platter,roast lamb,potato stew,beer with nachos,late snack platter
        """);

    static Cuisine[] Parse(string table) =>
        [.. table.Split('\n').Select(line => line.Split('|')).Select(c => new Cuisine(c[0], c[1].Split(','), c[2].Split(',')))];
}
